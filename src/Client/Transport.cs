using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Mime;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Polly;
using Polly.Retry;

namespace Rnn.Client;

/// <summary>Sends calls, again where that is safe, and reads replies and problems.</summary>
sealed class Transport(HttpClient http, int retries, string? key)
{
    readonly ResiliencePipeline<HttpResponseMessage> _repeating = retries == 0 ? ResiliencePipeline<HttpResponseMessage>.Empty : Repeating(retries);

    public async Task<T> SendAsync<T>(Call call, JsonTypeInfo<T> type, CancellationToken aborted)
    {
        using var response = await GetResponseAsync(call, aborted);
        var reply = await response.Content.ReadFromJsonAsync(type, aborted)
            ?? throw new JsonException("The server's reply is null; an object was expected.");
        if (reply is RunReply run)
        {
            run.Tag = response.Headers.ETag?.Tag.Trim('"');
            run.IsReplayed = response.Headers.Contains("Idempotency-Replayed");
        }

        return reply;
    }

    /// <summary>Sends a call whose reply is not JSON.</summary>
    public async Task<byte[]> ReadBytesAsync(Call call, CancellationToken aborted)
    {
        using var response = await GetResponseAsync(call, aborted);
        return await response.Content.ReadAsByteArrayAsync(aborted);
    }

    /// <summary>Sends a call of which only success matters.</summary>
    public async Task SendAsync(Call call, CancellationToken aborted) => (await GetResponseAsync(call, aborted)).Dispose();

    /// <summary>Sends a call that is answered by a stream of events. It is sent once: what has been read of a stream can't be unread.</summary>
    public async IAsyncEnumerable<GenerationEvent> StreamAsync(Call call, [EnumeratorCancellation] CancellationToken aborted)
    {
        using var response = await GetResponseAsync(call with { MayRepeat = false, Accept = MediaTypeNames.Text.EventStream }, aborted);
        await using var stream = await response.Content.ReadAsStreamAsync(aborted);
        var events = SseParser.Create(stream, (_, data) => JsonSerializer.Deserialize(data, RnnJson.Default.GenerationEvent)!);
        var hasEnded = false;
        await foreach (var item in events.EnumerateAsync(aborted))
        {
            hasEnded = item.EventType == "end";
            yield return item.Data.Error is null
                ? item.Data
                : throw new RnnException(response.StatusCode, new() { Detail = item.Data.Error });
        }

        if (!hasEnded)
        {
            throw new HttpRequestException(HttpRequestError.ResponseEnded, "The stream ended before the generation did.");
        }
    }

    async Task<HttpResponseMessage> GetResponseAsync(Call call, CancellationToken aborted)
    {
        var response = call.MayRepeat
            ? await _repeating.ExecuteAsync(async token => await SendOnceAsync(call, token), aborted)
            : await SendOnceAsync(call, aborted);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw new RnnException(response.StatusCode, await ProblemOfAsync(response, aborted));
        }
    }

    async Task<HttpResponseMessage> SendOnceAsync(Call call, CancellationToken aborted)
    {
        using var request = new HttpRequestMessage(call.Method, call.Path) { Content = call.Content?.Invoke() };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(call.Accept));
        if (key is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        if (call.Options is { } options)
        {
            request.Headers.Add("Idempotency-Key", $"\"{options.IdempotencyKey}\"");
        }

        if (call.Options?.IfMatch is { } tag)
        {
            request.Headers.IfMatch.Add(new EntityTagHeaderValue($"\"{tag}\""));
        }

        return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, aborted);
    }

    static async Task<Problem> ProblemOfAsync(HttpResponseMessage response, CancellationToken aborted)
    {
        try
        {
            return await response.Content.ReadFromJsonAsync(RnnJson.Default.Problem, aborted) ?? new();
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or NotSupportedException)      // something else between here and there answered
        {
            return new() { Title = response.ReasonPhrase };
        }
    }

    /// <summary>A call that may be repeated is one that changes nothing, or has a key which the server knows it by.</summary>
    static ResiliencePipeline<HttpResponseMessage> Repeating(int retries) => new ResiliencePipelineBuilder<HttpResponseMessage>()
        .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
        {
            MaxRetryAttempts = retries,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = TimeSpan.FromMilliseconds(200),
            ShouldHandle = arguments => ValueTask.FromResult(arguments.Outcome switch
            {
                { Exception: HttpRequestException } => true,
                { Result: { } response } => IsWorthRetrying(response),
                _ => false,
            }),
            DelayGenerator = arguments => ValueTask.FromResult(arguments.Outcome.Result?.Headers.RetryAfter?.Delta),
            OnRetry = arguments =>
            {
                arguments.Outcome.Result?.Dispose();
                return ValueTask.CompletedTask;
            },
        })
        .Build();

    static bool IsWorthRetrying(HttpResponseMessage response) =>
        response.Headers.TryGetValues("x-should-retry", out var values)
            ? values.Contains("true")
            : response.StatusCode is HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;
}
