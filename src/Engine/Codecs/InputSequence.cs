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

    /// <summary>No timestep.</summary>
    public static InputSequence Empty { get; } = new([]);

    /// <summary>T, the number of timesteps.</summary>
    public int Length { get; }

    /// <summary>The input of one timestep.</summary>
    public StepInput this[int timestep] => Slice(timestep, 1);

    /// <summary>The inputs of several timesteps.</summary>
    public StepInput Slice(int start, int count) => _width == 0
        ? StepInput.Of(_tokens.AsSpan(start, count))
        : StepInput.Of(_vectors.AsSpan(start * _width, count * _width));
}
