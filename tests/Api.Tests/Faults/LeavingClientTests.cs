using System.Net.Http.Headers;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Rnn.Engine.Sessions;
using static Rnn.Api.Tests.RnnApplication;

namespace Rnn.Api.Tests.Faults;

/// <summary>Clients that leave in the midst of calls leave nothing behind, and no session is what another should be.</summary>
[Collection(FaultRun.Name)]
public sealed class LeavingClientTests : IDisposable
{
    const int Clients = 1_000;
    const int Endless = 1_000_000;
    const double Margin = 1.1;

    // One letter for each session; of some the text is only that letter, of the others what the model makes of it.
    const string Letters = "abcdefghijklmnopqrstuvwxyABCDEFGHIJKLMNOPQRSTUVWXY";

    readonly RnnApplication _application = new() { Settings = { ["Limits:MaxGeneratedLength"] = $"{Endless}" } };
    readonly HttpClient _client;

    public LeavingClientTests() => _client = _application.StartOnSocket();

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    public void Dispose() => _application.Dispose();

    [Fact]
    public async Task A_thousand_clients_that_leave_at_random_leave_every_session_its_own_and_nothing_held()
    {
        foreach (var letter in Letters)
        {
            await PostAsync(_client, "/api/v1/sessions", new { model = "austen", id = $"{letter}" }, System.Net.HttpStatusCode.Created);
            await PostAsync(_client, PathOf(letter, "step"), new { text = $"{letter}" });
        }

        for (var round = 0; round < 2; round++)
        {
            await LeaveAsync();                              // until connections and threads are as many as they get
        }

        var before = GarbageCollected.Now();
        var left = await LeaveAsync();
        var after = GarbageCollected.Now();

        var steps = 0L;
        foreach (var letter in Letters)
        {
            steps += await VerifyAsync(letter);
        }

        FaultRun.Tell($"{left} of {Clients} clients left before their answer; {steps} steps; {before} before, {after} after");
        Assert.InRange(after.Small, 0, before.Small * Margin);
    }

    /// <returns>How many left before they had all of their answer.</returns>
    async Task<int> LeaveAsync()
    {
        var left = 0;
        await Parallel.ForAsync(0, Clients, new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = Aborted }, async (_, _) =>
        {
            using var client = Leaving(_client);
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(Aborted);
            patience.CancelAfter(TimeSpan.FromMilliseconds(Random.Shared.NextDouble() * 100));
            var (path, body) = AnyCall();
            try
            {
                using var reply = await client.PostAsJsonAsync(path, body, patience.Token);
                Assert.True(reply.IsSuccessStatusCode, await reply.Content.ReadAsStringAsync(patience.Token));
            }
            catch (OperationCanceledException)
            {
                Interlocked.Increment(ref left);
            }
        });

        var turns = _application.Services.GetRequiredService<Turns>();
        // The server is told some time after its client has left.
        await FaultRun.UntilAsync(() => turns.Count == 0, () => $"{turns.Count} sessions are held by clients that have left.");
        return left;
    }

    static (Uri Path, object Body) AnyCall()
    {
        var letter = Letters[Random.Shared.Next(Letters.Length)];
        var (length, stream) = (Random.Shared.Next(1, 200), Random.Shared.Next(2) == 0);
        (string Operation, object Body) call = (char.IsLower(letter), Random.Shared.Next(3)) switch
        {
            (true, 0) => ("step", new { text = $"{letter}" }),
            (true, 1) => ("sequence", new { text = new string(letter, length) }),
            (true, _) => ("generate", new { maxLength = length, commit = false, stream }),
            (false, 0) => ("sequence", new { text = new string(letter, length), commit = false }),
            (false, 1) => ("generate", new { maxLength = length, temperature = 0, stream }),
            (false, _) => ("generate", new { maxLength = Endless, temperature = 0, stream = true }),
        };
        return (new Uri(PathOf(letter, call.Operation), UriKind.Relative), call.Body);
    }

    /// <summary>A session is to the last bit what its own letter makes of it in so many steps.</summary>
    /// <returns>How many.</returns>
    async Task<int> VerifyAsync(char letter)
    {
        var steps = (int)(await GetAsync(_client, PathOf(letter, "")))["step"]!;
        var replay = await NewSessionAsync(_client, "austen");
        if (char.IsLower(letter))
        {
            await PostAsync(_client, $"/api/v1/sessions/{replay}/sequence", new { text = new string(letter, steps) });
        }
        else
        {
            await PostAsync(_client, $"/api/v1/sessions/{replay}/step", new { text = $"{letter}" });
            await PostAsync(_client, $"/api/v1/sessions/{replay}/generate", new { maxLength = Math.Max(1, steps - 1), temperature = 0 });
        }

        Assert.Equal(await StateOfAsync(replay), await StateOfAsync($"{letter}"));
        return steps;
    }

    async Task<byte[]> StateOfAsync(string session)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/sessions/{session}/state");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/octet-stream"));
        using var reply = await _client.SendAsync(request, Aborted);
        return await reply.Content.ReadAsByteArrayAsync(Aborted);
    }

    static string PathOf(char letter, string operation) => $"/api/v1/sessions/{letter}/{operation}".TrimEnd('/');
}
