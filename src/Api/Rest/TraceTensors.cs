using System.Text.Json;
using Rnn.Engine.Formats;
using Rnn.Engine.Prediction;
using Rnn.Engine.Weights;

namespace Rnn.Api.Rest;

/// <summary>A traced reply in binary: a safetensors file with a tensor for each part of each layer, and the rest of the reply as JSON in its metadata.</summary>
static class TraceTensors
{
    /// <summary>The name of the metadata that holds the reply.</summary>
    const string Reply = "reply";

    /// <summary>Writes it.</summary>
    /// <param name="trace">What was recorded.</param>
    /// <param name="response">The reply; its rows are left out.</param>
    /// <param name="json">How it is written.</param>
    public static byte[] Write(NetworkTrace trace, TracedResponse response, JsonSerializerOptions json)
    {
        var rest = response with { Trace = response.Trace! with { Layers = [], Logits = null } };
        using var file = new MemoryStream();
        SafeTensorsWriter.Write(file, trace.Parts.Select(TensorOf), new Dictionary<string, string> { [Reply] = JsonSerializer.Serialize(rest, rest.GetType(), json) });
        return file.ToArray();
    }

    static Tensor TensorOf(TracedPart part)
    {
        var name = JsonNamingPolicy.CamelCase.ConvertName(part.Part.ToString());
        return new(
            part.Layer == "" ? name : $"{part.Layer}.{name}", [part.Rows.Count, part.Rows.Count == 0 ? 0 : part.Rows[0].Length], [.. part.Rows.SelectMany(row => row)]);
    }
}
