using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace Rnn.Api.Tests.Faults;

/// <summary>
/// A client as the documents tell it to be: every step has a key, and is sent again with it until it is answered, to whichever
/// server. Thread-safe.
/// </summary>
/// <param name="servers">Those that share the sessions.</param>
sealed class ChainClient(params IReadOnlyList<IEndpoint> servers) : IDisposable
{
    // Far more than any of the faults lasts.
    const int MaxTries = 3_000;

    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    readonly HttpClient _http = new(new SocketsHttpHandler { MaxConnectionsPerServer = 64 }) { Timeout = System.Threading.Timeout.InfiniteTimeSpan };
    int _acknowledged;
    int _replayed;
    int _refused;
    int _broken;

    /// <summary>Whether servers may be away: then a connection that breaks is no fault, only another reason to send again.</summary>
    public bool MayBreak { get; init; }

    /// <summary>How long an attempt may take; longer is like a broken connection.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How many steps were answered.</summary>
    public int Acknowledged => _acknowledged;

    /// <summary>All that happened, in a line.</summary>
    public string Figures =>
        $"{_acknowledged} steps acknowledged, {_replayed} of them when sent again; {_refused} attempts refused, {_broken} broken";

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    public async Task<History> CreateAsync(string id, string model = CountingModel.Counting)
    {
        await RetryAsync(HttpMethod.Post, "/api/v1/sessions", new { model, id });
        return new History(id);
    }

    public async Task<IReadOnlyList<History>> CreateManyAsync(int count) =>
        await Task.WhenAll(Enumerable.Range(0, count).Select(number => CreateAsync($"session-{number}")));

    /// <summary>Steps each session a number of times, all of them at once.</summary>
    public Task StepAllAsync(IReadOnlyList<History> sessions, int steps) => Task.WhenAll(sessions.Select(async session =>
    {
        for (var step = 0; step < steps; step++)
        {
            await StepAsync(session, Random.Shared.Next(1_000));
        }
    }));

    /// <summary>Returns when so many steps are answered, or when nothing more is done.</summary>
    public Task WhenAcknowledgedAsync(int steps, Task work) =>
        FaultRun.UntilAsync(() => _acknowledged >= steps || work.IsCompleted, () => $"The servers answer no more: {Figures}.\n{servers[0].Log}");

    /// <summary>Steps a session once, however often that must be asked for.</summary>
    public async Task StepAsync(History history, int input)
    {
        var key = Guid.NewGuid().ToString("N");
        var (reply, text) = await RetryAsync(
            HttpMethod.Post, $"/api/v1/sessions/{history.Session}/step", new { values = new[] { input } }, request => request.Headers.Add("Idempotency-Key", key));
        using (reply)
        {
            Record(history, input, reply, text);
        }
    }

    /// <summary>Asks for a step once.</summary>
    /// <returns>What came of it; if it was a step, it is in the history.</returns>
    public async Task<(HttpStatusCode Status, string Text)> TryStepAsync(History history, int input)
    {
        var (reply, text) = await SendAsync(
            servers[0], HttpMethod.Post, $"/api/v1/sessions/{history.Session}/step", new { values = new[] { input } });
        using (reply)
        {
            if (reply.IsSuccessStatusCode)
            {
                Record(history, input, reply, text);
            }

            return (reply.StatusCode, text);
        }
    }

    /// <summary>Runs inputs through a session in one call.</summary>
    public async Task RunAsync(History history, int[] inputs)
    {
        if (inputs.Length > 0)
        {
            await RetryAsync(HttpMethod.Post, $"/api/v1/sessions/{history.Session}/sequence", new { values = inputs.Select(input => new[] { input }) });
        }
    }

    public async Task<long> StepOfAsync(string session) =>
        (long)JsonNode.Parse((await RetryAsync(HttpMethod.Get, $"/api/v1/sessions/{session}")).Text)!["step"]!;

    /// <summary>The session's state in its binary form.</summary>
    public async Task<byte[]> StateOfAsync(string session)
    {
        var (reply, _) = await RetryAsync(
            HttpMethod.Get, $"/api/v1/sessions/{session}/state", body: null, request => request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/octet-stream")));
        return await reply.Content.ReadAsByteArrayAsync(Aborted);
    }

    public void Dispose() => _http.Dispose();

    /// <summary>One attempt at one server, whatever comes of it.</summary>
    public async Task<(HttpResponseMessage Reply, string Text)> SendAsync(
        IEndpoint server, HttpMethod method, string path, object? body = null, Action<HttpRequestMessage>? prepare = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(server.Address, path)) { Content = body is null ? null : JsonContent.Create(body) };
        prepare?.Invoke(request);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Aborted);
        patience.CancelAfter(Patience);
        var reply = await _http.SendAsync(request, patience.Token);
        return (reply, await reply.Content.ReadAsStringAsync(patience.Token));
    }

    void Record(History history, int input, HttpResponseMessage reply, string text)
    {
        var answer = JsonNode.Parse(text)!;
        var number = (long)answer["step"]!;
        Assert.Equal($"\"{number}\"", reply.Headers.ETag?.Tag);
        history.Add(new AcknowledgedStep(number, input, [.. answer["output"]!["values"]!.AsArray().Select(value => (float)value!)]));
        Interlocked.Increment(ref _acknowledged);
        if (reply.Headers.Contains("Idempotency-Replayed"))
        {
            Interlocked.Increment(ref _replayed);
        }
    }

    /// <summary>Sends until there is an answer. What is neither an answer nor a reason to try again fails the test.</summary>
    async Task<(HttpResponseMessage Reply, string Text)> RetryAsync(
        HttpMethod method, string path, object? body = null, Action<HttpRequestMessage>? prepare = null)
    {
        for (var tries = 0; tries < MaxTries; tries++)
        {
            var server = servers[Random.Shared.Next(servers.Count)];
            try
            {
                var (reply, text) = await SendAsync(server, method, path, body, prepare);
                if (reply.IsSuccessStatusCode)
                {
                    return (reply, text);
                }

                Assert.True(IsReasonToRetry(reply), $"{method} {path}: {(int)reply.StatusCode}, {text}\n{server.Log}");
                reply.Dispose();
                Interlocked.Increment(ref _refused);
            }
            catch (Exception exception) when (IsBroken(exception))
            {
                Assert.True(MayBreak, $"{method} {path}: {exception}\n{server.Log}");
                Interlocked.Increment(ref _broken);
            }

            await Task.Delay(Pause, Aborted);
        }

        throw new TimeoutException($"{method} {path} was sent {MaxTries} times in vain: {Figures}.\n{servers[0].Log}");
    }

    bool IsReasonToRetry(HttpResponseMessage reply) => reply.StatusCode switch
    {
        HttpStatusCode.ServiceUnavailable => reply.Headers.RetryAfter is not null,
        HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout => MayBreak,
        HttpStatusCode.Conflict => MayBreak && reply.Headers.TryGetValues("x-should-retry", out var values) && values.Contains("true"),
        _ => false,
    };

    // A socket that is reset while HttpClient asks it for its other end comes through as it is, not as an HttpRequestException.
    static bool IsBroken(Exception exception) =>
        exception is HttpRequestException or IOException or SocketException || (exception is OperationCanceledException && !Aborted.IsCancellationRequested);
}
