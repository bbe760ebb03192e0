using Rnn.Engine.Layers;

namespace Rnn.Engine.Codecs;

/// <summary>T timesteps of input as the network reads them: tokens [T], or vectors [T, I].</summary>
public sealed class InputSequence
{
    readonly int[] _tokens = [];
    readonly float[] _vectors = [];
    readonly int _width;

    /// <param name="tokens">Token indices, [T]; kept, not copied.</param>
    public InputSequence(int[] tokens)
    {
        _tokens = tokens;
        Length = tokens.Length;
    }

    /// <param name="vectors">Vectors, [T, I]; kept, not copied.</param>
    /// <param name="width">I.</param>
    public InputSequence(float[] vectors, int width)
    {
        _vectors = vectors;
        _width = width;
        Length = vectors.Length / width;
    }

    /// <summary>The inputs of several callers of one model, one after the other.</summary>
    public static InputSequence Join(IReadOnlyList<InputSequence> inputs)
    {
        if (inputs.Count == 1)
        {
            return inputs[0];
        }

        var tokens = new int[inputs.Sum(input => input._tokens.Length)];
        var vectors = new float[inputs.Sum(input => input._vectors.Length)];
        var (token, value) = (0, 0);
        foreach (var input in inputs)
        {
            input._tokens.CopyTo(tokens, token);
            input._vectors.CopyTo(vectors, value);
            token += input._tokens.Length;
            value += input._vectors.Length;
        }

        return vectors.Length > 0 ? new InputSequence(vectors, inputs[0]._width) : new InputSequence(tokens);
    }

    /// <summary>T, the number of timesteps.</summary>
    public int Length { get; }

    /// <summary>The input of one timestep.</summary>
    public StepInput this[int timestep] => Slice(timestep, 1);

    /// <summary>The inputs of several timesteps.</summary>
    public StepInput Slice(int start, int count) => _width == 0
        ? StepInput.Of(_tokens.AsSpan(start, count))
        : StepInput.Of(_vectors.AsSpan(start * _width, count * _width));
}
