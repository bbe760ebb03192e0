using Rnn.Engine.Layers;

namespace Rnn.Engine.Codecs;

/// <summary>T timesteps of input as the network reads them: tokens [T], or vectors [T, I].</summary>
public sealed class InputSequence
{
    readonly ReadOnlyMemory<int> _tokens;
    readonly ReadOnlyMemory<float> _vectors;
    readonly int _width;

    /// <param name="tokens">Token indices, [T]; kept, not copied.</param>
    public InputSequence(ReadOnlyMemory<int> tokens)
    {
        _tokens = tokens;
        Length = tokens.Length;
    }

    /// <param name="vectors">Vectors, [T, I]; kept, not copied.</param>
    /// <param name="width">I.</param>
    public InputSequence(ReadOnlyMemory<float> vectors, int width)
    {
        _vectors = vectors;
        _width = width;
        Length = vectors.Length / width;
    }

    /// <summary>T, the number of timesteps.</summary>
    public int Length { get; }

    /// <summary>The vectors as they came, in the user's units; empty if they didn't.</summary>
    public IReadOnlyList<IReadOnlyList<double>?> Rows { get; init; } = [];

    /// <summary>The input of one timestep.</summary>
    public StepInput this[int timestep] => At(timestep, 1);

    /// <summary>The inputs of several timesteps.</summary>
    public StepInput At(int start, int count) => _width == 0
        ? StepInput.Of(_tokens.Span.Slice(start, count))
        : StepInput.Of(_vectors.Span.Slice(start * _width, count * _width));

    /// <summary>Some of the timesteps, as a sequence of their own over the same memory.</summary>
    public InputSequence Part(int start, int count) => _width == 0
        ? new(_tokens.Slice(start, count))
        : new(_vectors.Slice(start * _width, count * _width), _width);

    /// <summary>Some of the timesteps, copied.</summary>
    public InputSequence Of(ReadOnlySpan<int> timesteps)
    {
        var tokens = new int[_width == 0 ? timesteps.Length : 0];
        var vectors = new float[timesteps.Length * _width];
        for (var i = 0; i < timesteps.Length; i++)
        {
            if (_width == 0)
            {
                tokens[i] = _tokens.Span[timesteps[i]];
            }
            else
            {
                _vectors.Span.Slice(timesteps[i] * _width, _width).CopyTo(vectors.AsSpan(i * _width));
            }
        }

        return _width == 0 ? new(tokens) : new(vectors, _width);
    }
}
