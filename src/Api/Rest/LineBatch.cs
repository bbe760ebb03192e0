using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Rnn.Api.Security;
using Rnn.Engine.Scheduling;

namespace Rnn.Api.Rest;

/// <summary>A batch as lines (NDJSON): the request is read while it is answered, so that neither is ever held as a whole.</summary>
sealed class LineBatch(ServerOptions server, BatchOptions batching, IOptions<JsonOptions> json, TimeProvider time, IHostApplicationLifetime lifetime)
{
    public const string MediaType = "application/x-ndjson";

    public static bool Takes(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && type.MediaType.Equals(MediaType, StringComparison.OrdinalIgnoreCase);

    public async Task RunAsync(string model, BatchCall call, HttpContext http)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } body)
        {
            body.MaxRequestBodySize = null;                // a line has that limit instead
        }

        http.AnswersBitByBit();
        http.Response.ContentType = MediaType;
        await http.Response.StartAsync(http.RequestAborted);
        try
        {
            var lines = new LineReader(http.Request.BodyReader, server.MaxBodyBytes);
            using var run = new LineBatchRun(model, call, lines, http.Response.BodyWriter, batching.InFlight, json.Value.SerializerOptions, time);
            await run.RunAsync(http.RequestAborted, lifetime.ApplicationStopping);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException && http.RequestAborted.IsCancellationRequested)
        {
            // The client has left, so there is nobody to tell.
        }
    }
}
