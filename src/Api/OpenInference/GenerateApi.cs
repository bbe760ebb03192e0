using System.Buffers;
using System.Net.Mime;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using Rnn.Api.Documentation;
using Rnn.Api.Security;
using Rnn.Engine;

namespace Rnn.Api.OpenInference;

/// <summary>Text generated after a text, at once or as it comes.</summary>
static class GenerateApi
{
    public static void MapGenerate(this IEndpointRouteBuilder model, string of, string suffix)
    {
        model.MapPost("/generate", GenerateAsync)
            .WithName($"OipGenerate{suffix}").WithExample(Example.OipGenerate).Refuses(404, 413, 415, 503)
            .WithSummary($"Generate text with {of}")
            .WithDescription("The text that the model draws after the prompt (extension_generate).");
        model.MapPost("/generate_stream", StreamAsync)
            .Produces<GenerateReply>(200, MediaTypeNames.Text.EventStream)
            .StreamsOf(MediaTypeNames.Text.EventStream, typeof(GenerateReply))
            .WithName($"OipGenerateStream{suffix}").WithExample(Example.OipGenerate).Refuses(404, 413, 415, 503)
            .WithSummary($"Generate text with {of} as a stream")
            .WithDescription("Server-sent events of data alone, one for each piece of text; if it fails on the way, the last is an error. It stops at once when the client leaves.");
    }

    static async Task<Ok<GenerateReply>> GenerateAsync(ModelPath path, GenerateDocument body, TextGeneration generation, HttpContext http)
    {
        using var call = await generation.StartAsync(path, body, http.RequestAborted);
        return TypedResults.Ok(await call.TellAsync(http.RequestAborted));
    }

    static async Task StreamAsync(
        ModelPath path, GenerateDocument body, TextGeneration generation, IOptions<JsonOptions> json, IHostApplicationLifetime lifetime,
        ServerOptions server, HttpContext http)
    {
        http.AnswersBitByBit();
        using var time = new StreamTime(lifetime, server, http.RequestAborted);
        using var call = await generation.StartAsync(path, body, time.Token);
        http.Response.ContentType = $"{MediaTypeNames.Text.EventStream}; charset=utf-8";
        http.Response.Headers.CacheControl = "no-cache,no-store";
        await SseFormatter.WriteAsync(
            EventsAsync(call, time),
            http.Response.Body,
            (item, writer) => writer.Write(JsonSerializer.SerializeToUtf8Bytes(item.Data, json.Value.SerializerOptions)),
            http.RequestAborted);
    }

    static async IAsyncEnumerable<SseItem<GenerateReply>> EventsAsync(TextGeneration.Call call, StreamTime time)
    {
        await using var pieces = call.TellPiecesAsync(time.Token).GetAsyncEnumerator(time.Token);
        while (true)
        {
            GenerateReply? piece;
            try
            {
                piece = await pieces.MoveNextAsync() ? pieces.Current : null;
            }
            catch (EngineException exception)
            {
                piece = new() { Error = exception.Message };           // the status is long sent; the stream itself must say it
            }
            catch (OperationCanceledException) when (time.Reason is { } reason)
            {
                piece = new() { Error = reason };
            }

            if (piece is null)
            {
                yield break;
            }

            yield return new(piece);
            if (piece.Error is not null)
            {
                yield break;
            }
        }
    }
}
