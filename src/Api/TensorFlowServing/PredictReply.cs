using System.Text.Json;
using Rnn.Engine.Prediction;

namespace Rnn.Api.TensorFlowServing;

/// <summary>The reply to a prediction, in the form of its request. A single tensor has no name.</summary>
static class PredictReply
{
    /// <param name="http">Where to.</param>
    /// <param name="signature">What was told.</param>
    /// <param name="isColumn">Whether a tensor holds all sequences, or a sequence all tensors.</param>
    /// <param name="results">Of each sequence the timesteps of each tensor.</param>
    public static async Task WriteAsync(HttpContext http, Signature signature, bool isColumn, IReadOnlyList<List<float[]>[]> results)
    {
        http.Response.ContentType = "application/json; charset=utf-8";
        await using var writer = new Utf8JsonWriter(http.Response.BodyWriter);
        writer.WriteStartObject();
        writer.WritePropertyName(isColumn ? "outputs" : "predictions");
        if (isColumn)
        {
            WriteTensors(writer, signature, tensor => WriteList(writer, results, result => WriteTensor(writer, signature, result[tensor])));
        }
        else
        {
            WriteList(writer, results, result => WriteTensors(writer, signature, tensor => WriteTensor(writer, signature, result[tensor])));
        }

        writer.WriteEndObject();
        await writer.FlushAsync(http.RequestAborted);
    }

    static void WriteTensors(Utf8JsonWriter writer, Signature signature, Action<int> write)
    {
        if (signature.Tells.Count == 1)
        {
            write(0);
            return;
        }

        writer.WriteStartObject();
        foreach (var (index, tensor) in signature.Tells.Index())
        {
            writer.WritePropertyName(tensor.Name);
            write(index);
        }

        writer.WriteEndObject();
    }

    static void WriteTensor(Utf8JsonWriter writer, Signature signature, List<float[]> timesteps)
    {
        if (signature.Readout == Readout.All)
        {
            WriteList(writer, timesteps, values => WriteList(writer, values, writer.WriteNumberValue));
        }
        else
        {
            WriteList(writer, timesteps[^1], writer.WriteNumberValue);
        }
    }

    static void WriteList<T>(Utf8JsonWriter writer, IReadOnlyList<T> items, Action<T> write)
    {
        writer.WriteStartArray();
        foreach (var item in items)
        {
            write(item);
        }

        writer.WriteEndArray();
    }
}
