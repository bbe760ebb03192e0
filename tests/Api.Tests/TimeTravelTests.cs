using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Rnn.Api.Tests.Storage;
using static Rnn.Api.Tests.RnnApplication;

namespace Rnn.Api.Tests;

/// <summary>Rewind, fork, peek, earlier states, and states that clients hold.</summary>
public abstract class TimeTravelTests(StoreKind kind) : OverEachStore(kind)
{
    [Fact]
    public async Task A_session_with_a_history_is_rewound_and_forked()
    {
        var id = await NewAsync(new { model = "austen", history = 10, tags = new[] { "mine" } });
        await PostAsync(Client, $"{id}/sequence", new { text = "Emma W" });
        var session = await GetAsync(Client, id);
        Assert.Equal((10, 0), ((int)session["history"]!, (int)session["earliestStep"]!));

        var fork = await PostAsync(Client, $"{id}/fork", new { step = 4 }, HttpStatusCode.Created);
        var rewound = await PostAsync(Client, $"{id}/rewind", new { step = 4 });

        Assert.Equal((4, 4), ((int)fork["step"]!, (int)rewound["step"]!));
        Assert.Equal("mine", (string)fork["tags"]![0]!);
        var expected = await PostAsync(Client, "/api/v1/models/austen/sequence", new { text = "Emma's" });
        foreach (var path in new[] { id, $"/api/v1/sessions/{fork["id"]}" })
        {
            Assert.True(JsonNode.DeepEquals(expected["output"], (await PostAsync(Client, $"{path}/sequence", new { text = "'s" }))["output"]));
        }

        Assert.Contains("from step 4 on", Detail(await PostAsync(
            Client, $"/api/v1/sessions/{fork["id"]}/rewind", new { step = 3 }, HttpStatusCode.UnprocessableEntity)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_peek_is_told_as_one_and_leaves_the_session_where_it_is()
    {
        var id = await NewAsync(new { model = "austen" });
        var peek = await PostAsync(Client, $"{id}/generate", new { text = "Emma", maxLength = 5, commit = false, seed = 1 });

        Assert.False((bool)peek["committed"]!);
        Assert.Equal(9, (int)peek["step"]!);
        Assert.Equal(0, (int)(await GetAsync(Client, id))["step"]!);
        Assert.Equal("/commit", (string)(await PostAsync(
            Client, "/api/v1/models/austen/step", new { text = "a", commit = false }, HttpStatusCode.BadRequest))["errors"]![0]!["pointer"]!);
    }

    [Fact]
    public async Task An_earlier_state_is_read_and_begins_another_session()
    {
        var id = await NewAsync(new { model = "names", history = 5 });
        await PostAsync(Client, $"{id}/sequence", new { text = "Tanaka" });

        var state = await GetAsync(Client, $"{id}/state?step=3");
        var copy = await NewAsync(new { model = "names", state });

        Assert.Equal(3, (int)state["step"]!);
        Assert.True(JsonNode.DeepEquals(state, await GetAsync(Client, $"{copy}/state")));
        Assert.Contains("from step 1 on", Detail(await GetAsync(Client, $"{id}/state?step=0", HttpStatusCode.UnprocessableEntity)), StringComparison.Ordinal);
        await GetAsync(Client, $"{id}/state?step=x", HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_history_is_bounded_by_its_bytes()
    {
        Assert.Contains("0 to 251", Detail(await PostAsync(Client, "/api/v1/sessions", new { model = "austen", history = 252 }, HttpStatusCode.BadRequest)), StringComparison.Ordinal);
        await PostAsync(Client, "/api/v1/sessions", new { model = "austen", history = 251 }, HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_server_with_a_key_signs_its_states_and_takes_no_others()
    {
        using var signing = new RnnApplication { Settings = { ["Server:StateKey"] = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)) } };
        using var client = signing.CreateClient();
        var state = (await PostAsync(client, "/api/v1/models/names/sequence", new { text = "Tana", returnState = true }))["state"]!;

        await PostAsync(client, "/api/v1/models/names/sequence", new { text = "ka", state });

        var forged = state.DeepClone();
        forged["layers"]![0]!["hidden"]![0] = 0.5;
        var unsigned = state.DeepClone();
        unsigned.AsObject().Remove("signature");
        foreach (var bad in new[] { forged, unsigned })
        {
            var problem = await PostAsync(client, "/api/v1/models/names/sequence", new { text = "ka", state = bad }, HttpStatusCode.UnprocessableEntity);
            Assert.Equal("/state/signature", (string)problem["errors"]![0]!["pointer"]!);
        }

        var session = await NewSessionAsync(client, "names");
        var bytes = await BytesAsync(client, session);
        Assert.Equal(HttpStatusCode.OK, await PutAsync(client, session, bytes));
        for (var i = 0; i < bytes.Length; i += 97)
        {
            bytes[i] ^= 1;
            Assert.Equal(HttpStatusCode.UnprocessableEntity, await PutAsync(client, session, bytes));
            bytes[i] ^= 1;
        }

        var plain = await NewSessionAsync(Client, "names");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await PutAsync(client, session, await BytesAsync(Client, plain)));
        Assert.Equal(HttpStatusCode.OK, await PutAsync(Client, plain, bytes));
    }

    async Task<string> NewAsync(object body) =>
        $"/api/v1/sessions/{(await PostAsync(Client, "/api/v1/sessions", body, HttpStatusCode.Created))["id"]}";

    static string Detail(JsonNode problem) => (string)problem["detail"]!;

    static async Task<byte[]> BytesAsync(HttpClient client, string session)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/sessions/{session}/state");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/octet-stream"));
        using var response = await client.SendAsync(request, Aborted);
        return await response.Content.ReadAsByteArrayAsync(Aborted);
    }

    static async Task<HttpStatusCode> PutAsync(HttpClient client, string session, byte[] bytes)
    {
        using var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        using var response = await client.PutAsync(new Uri($"/api/v1/sessions/{session}/state", UriKind.Relative), content, Aborted);
        return response.StatusCode;
    }
}

public sealed class TimeTravelInMemoryTests() : TimeTravelTests(StoreKind.Memory);

public sealed class TimeTravelInSqliteTests() : TimeTravelTests(StoreKind.Sqlite);

public sealed class TimeTravelInRedisTests() : TimeTravelTests(StoreKind.Redis);
