using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using ModelContextProtocol.Protocol;
using static Rnn.Api.Tests.Mcp.McpHost;
using static Rnn.Api.Tests.RnnApplication;

namespace Rnn.Api.Tests.Mcp;

public sealed class McpServingTests
{
    const string List = """{"jsonrpc":"2.0","id":1,"method":"tools/list"}""";

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_is_off_unless_it_is_asked_for()
    {
        using var application = new RnnApplication();
        using var client = application.CreateClient();

        var problem = await SendAsync(client, "POST", "/mcp", List, HttpStatusCode.NotFound);

        Assert.Equal("urn:rnn:problem:no-such-route", (string)problem["type"]!);
    }

    [Fact]
    public async Task It_is_not_part_of_the_document()
    {
        using var application = Serving();
        using var client = application.CreateClient();

        var paths = (await GetAsync(client, "/openapi/v1.json"))["paths"]!.AsObject();

        Assert.True(paths.Count > 20);
        Assert.All(paths, path => Assert.DoesNotContain("/mcp", path.Key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task It_works_on_a_socket()
    {
        using var application = Serving();
        using var http = application.StartOnSocket();
        await using var client = await ConnectAsync(http);

        Assert.Equal(8, (await client.ListToolsAsync(cancellationToken: Aborted)).Count);
        Assert.Equal("Japanese", (string)(await CallAsync(client, "classify", """{"model":"names","text":"Nakamura"}"""))["output"]!["label"]!);
    }

    [Theory]
    [InlineData("https://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("null", HttpStatusCode.Forbidden)]
    [InlineData("https://app.example", HttpStatusCode.OK)]
    [InlineData("http://localhost", HttpStatusCode.OK)]
    [InlineData(null, HttpStatusCode.OK)]
    public async Task Pages_of_other_origins_are_refused(string? origin, HttpStatusCode status)
    {
        using var application = Serving(("Server:SocketOrigins:0", "https://app.example"));
        using var client = application.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/mcp") { Content = new StringContent(List, Encoding.UTF8, "application/json") };
        request.Headers.Accept.ParseAdd("application/json, text/event-stream");
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        using var response = await client.SendAsync(request, Aborted);

        var text = await response.Content.ReadAsStringAsync(Aborted);
        Assert.True(status == response.StatusCode, $"{(int)response.StatusCode}: {text}");
        Assert.Contains(status == HttpStatusCode.OK ? "list_models" : "urn:rnn:problem:origin-refused", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Limits_hold()
    {
        using var application = Serving(("Limits:MaxTimesteps", "5"), ("Limits:MaxGeneratedLength", "7"), ("Server:MaxBodyBytes", "4096"));
        using var http = application.StartOnSocket();
        await using var client = await ConnectAsync(http);

        Assert.Contains("at most 5", (string)(await ProblemAsync(client, "predict", """{"model":"names","text":"Rossini"}"""))["detail"]!, StringComparison.Ordinal);
        Assert.Contains("1 to 7", (string)(await ProblemAsync(client, "complete", """{"model":"austen","text":"a","maxLength":8}"""))["detail"]!, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<Exception>(() => CallAsync(client, "predict", $$"""{"model":"names","text":"{{new string('a', 5000)}}"}"""));
        await CallAsync(client, "predict", """{"model":"names","text":"Rossi"}""");
    }

    [Fact]
    public async Task A_call_that_is_cancelled_ends_and_leaves_the_session()
    {
        using var application = Serving(("Limits:MaxGeneratedLength", "1000000"));
        var probe = new RequestProbe();
        using var probed = application.WithWebHostBuilder(host => host.ConfigureTestServices(services => services.AddSingleton<IStartupFilter>(probe)));
        using var http = probed.CreateClient();
        await using var client = await ConnectAsync(http);
        var id = (string)(await CallAsync(client, "start_session", """{"model":"austen"}"""))["id"]!;
        await CallAsync(client, "predict", $$"""{"session":"{{id}}","text":"a"}""");
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Aborted);

        var (came, ended) = probe.Next();
        var call = client.CallToolAsync(
            new CallToolRequestParams
            {
                Name = "complete",
                Arguments = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>($$"""{"session":"{{id}}","text":"b","maxLength":1000000}"""),
            },
            leaving.Token).AsTask();
        await came;
        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<Exception>(() => call);              // of leaving, or of the answer to one who left
        await ended;
        Assert.Equal(2, (long)(await CallAsync(client, "predict", $$"""{"session":"{{id}}","text":"b"}"""))["step"]!);
    }

    static RnnApplication Serving(params IEnumerable<(string Key, string Value)> settings)
    {
        var application = new RnnApplication { Settings = { ["Mcp:Enabled"] = "true" } };
        foreach (var (key, value) in settings)
        {
            application.Settings[key] = value;
        }

        return application;
    }

    /// <summary>Tells when a request has come, and when the server is done with it.</summary>
    sealed class RequestProbe : IStartupFilter
    {
        readonly Lock _lock = new();
        (TaskCompletionSource Came, TaskCompletionSource Ended)? _next;

        public (Task Came, Task Ended) Next()
        {
            lock (_lock)
            {
                var next = (Came: new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), Ended: new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
                _next = next;
                return (next.Came.Task, next.Ended.Task);
            }
        }

        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use(async (http, answer) =>
            {
                var watched = Take();
                watched?.Came.SetResult();
                try
                {
                    await answer(http);
                }
                finally
                {
                    watched?.Ended.SetResult();
                }
            });
            next(app);
        };

        (TaskCompletionSource Came, TaskCompletionSource Ended)? Take()
        {
            lock (_lock)
            {
                var taken = _next;
                _next = null;
                return taken;
            }
        }
    }
}
