using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Rnn.Engine;
using Rnn.Engine.Manifests;

namespace Rnn.OnnxRuntime;

/// <summary>Inputs of a graph that always get the same numbers, such as a sample rate.</summary>
static class GraphConstants
{
    /// <summary>The constants of a manifest in the types of the graph.</summary>
    /// <exception cref="EngineException">One is no input, or has not as many numbers as it needs.</exception>
    public static Dictionary<string, OrtValue> Of(string file, InferenceSession session, GraphManifest graph) =>
        graph.Constants.ToDictionary(constant => constant.Key, constant => Value(file, constant.Key, constant.Value, session), StringComparer.Ordinal);

    static OrtValue Value(string file, string name, IReadOnlyList<double> numbers, InferenceSession session)
    {
        if (!session.InputMetadata.TryGetValue(name, out var input) || !input.IsTensor)
        {
            throw EngineException.Model($"{file}: graph.constants names '{name}'; the graph has no such input.");
        }

        var shape = input.Dimensions.Select(size => (long)Math.Max(1, size)).ToArray();
        var count = shape.Aggregate(1L, (product, size) => product * size);
        if (numbers.Count != count)
        {
            throw EngineException.Model($"{file}: graph.constants.{name} has {numbers.Count} numbers; {count} are needed.");
        }

        return input.ElementDataType switch
        {
            TensorElementType.Int64 => OrtValue.CreateTensorValueFromMemory(numbers.Select(number => (long)number).ToArray(), shape),
            TensorElementType.Int32 => OrtValue.CreateTensorValueFromMemory(numbers.Select(number => (int)number).ToArray(), shape),
            TensorElementType.Float => OrtValue.CreateTensorValueFromMemory(numbers.Select(number => (float)number).ToArray(), shape),
            TensorElementType.Double => OrtValue.CreateTensorValueFromMemory(numbers.ToArray(), shape),
            TensorElementType.Bool => OrtValue.CreateTensorValueFromMemory(numbers.Select(number => number != 0).ToArray(), shape),
            _ => throw EngineException.Model($"{file}: input '{name}' is of type {input.ElementDataType}; int64, int32, float, double and bool can be constants."),
        };
    }
}
