using System.Buffers;
using System.Globalization;
using System.Net.Mime;
using System.Text.Encodings.Web;
using System.Text.Json;
using Rnn.Api.Rest;
using Rnn.Engine.Sessions;

namespace Rnn.Api.OpenInference;

/// <summary>The reply to an inference: JSON, and after it the bytes of the outputs that are wanted in binary.</summary>
/// <param name="Json">The JSON.</param>
/// <param name="Binary">What follows; null if nothing is wanted in binary.</param>
/// <param name="Tag">Where the sequence is; null if there is none.</param>
sealed record InferResult(ReadOnlyMemory<byte> Json, IReadOnlyList<ReadOnlyMemory<byte>>? Binary, string? Tag) : IResult
{
    const string JsonLength = "; json=";

    static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static InferResult Of(InferReply reply, Func<string, bool> isBinary)
    {
        var binary = reply.Outputs.Where(output => isBinary(output.Name)).ToDictionary(output => output, output => output.ToRaw());
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json, Options))
        {
            Write(writer, reply, binary);
        }

        return new(json.WrittenMemory, binary.Count == 0 ? null : [.. binary.Values], reply.Tag);
    }

    /// <summary>As it is kept, to be told again.</summary>
    public (string ContentType, byte[] Body) Kept() => Binary is null
        ? (MediaTypeNames.Application.Json, Json.ToArray())
        : ($"{MediaTypeNames.Application.Octet}{JsonLength}{Json.Length}", [.. Json.Span, .. Binary.SelectMany(part => part.ToArray())]);

    public static InferResult Of(KeptAnswer kept) =>
        kept.ContentType.Split(JsonLength) is [_, var length] && int.Parse(length, CultureInfo.InvariantCulture) is var json
            ? new(kept.Body[..json], [kept.Body[json..]], kept.Tag)
            : new(kept.Body, null, kept.Tag);

    public async Task ExecuteAsync(HttpContext http)
    {
        var response = http.Response;
        response.ContentType = Binary is null ? MediaTypeNames.Application.Json : MediaTypeNames.Application.Octet;
        response.ContentLength = Json.Length + (Binary?.Sum(part => (long)part.Length) ?? 0);
        if (Binary is not null)
        {
            response.Headers[InferBody.LengthHeader] = Json.Length.ToString(CultureInfo.InvariantCulture);
        }

        if (Tag is not null)
        {
            response.SetTag(Tag);
        }

        await response.Body.WriteAsync(Json, http.RequestAborted);
        foreach (var part in Binary ?? [])
        {
            await response.Body.WriteAsync(part, http.RequestAborted);
        }
    }

    static void Write(Utf8JsonWriter writer, InferReply reply, Dictionary<Tensor, ReadOnlyMemory<byte>> binary)
    {
        writer.WriteStartObject();
        writer.WriteString("model_name", reply.Model.Name);
        writer.WriteString("model_version", new ModelTensors(reply.Model).Version);
        if (reply.Id is not null)
        {
            writer.WriteString("id", reply.Id);
        }

        if (reply.Step is { } step)
        {
            writer.WriteStartObject("parameters");
            writer.WriteNumber("step", step);
            writer.WriteEndObject();
        }

        writer.WriteStartArray("outputs");
        foreach (var output in reply.Outputs)
        {
            Write(writer, output, binary.TryGetValue(output, out var raw) ? raw.Length : null);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    static void Write(Utf8JsonWriter writer, Tensor output, int? binarySize)
    {
        writer.WriteStartObject();
        writer.WriteString("name", output.Name);
        writer.WriteString("datatype", output.Datatype.Name);
        writer.WriteStartArray("shape");
        foreach (var length in output.Shape)
        {
            writer.WriteNumberValue(length);
        }

        writer.WriteEndArray();
        if (binarySize is { } size)
        {
            writer.WriteStartObject("parameters");
            writer.WriteNumber("binary_data_size", size);
            writer.WriteEndObject();
        }
        else
        {
            writer.WritePropertyName("data");
            JsonElements.Write(writer, output);
        }

        writer.WriteEndObject();
    }
}
