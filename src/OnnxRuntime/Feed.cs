using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Rnn.OnnxRuntime;

/// <summary>The inputs of one run by name; those that it made are freed with it.</summary>
/// <param name="constants">Inputs that are always the same.</param>
sealed class Feed(IReadOnlyDictionary<string, OrtValue> constants) : IDisposable
{
    readonly List<OrtValue> _own = [];
    readonly Dictionary<string, OrtValue> _values = new(constants);

    /// <summary>All inputs.</summary>
    public IReadOnlyDictionary<string, OrtValue> Values => _values;

    /// <summary>Adds numbers, which must stay as they are while the feed lives.</summary>
    public void Add<T>(string name, T[] values, long[] shape)
        where T : unmanaged
    {
        var value = OrtValue.CreateTensorValueFromMemory(values, shape);
        _own.Add(value);
        _values[name] = value;
    }

    /// <summary>Adds tokens in the type that the graph takes.</summary>
    public void AddTokens(string name, ReadOnlySpan<int> tokens, long[] shape, TensorElementType type)
    {
        if (type == TensorElementType.Int32)
        {
            Add(name, tokens.ToArray(), shape);
            return;
        }

        var wide = new long[tokens.Length];
        for (var row = 0; row < wide.Length; row++)
        {
            wide[row] = tokens[row];
        }

        Add(name, wide, shape);
    }

    public void Dispose() => _own.ForEach(value => value.Dispose());
}
