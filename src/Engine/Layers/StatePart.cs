namespace Rnn.Engine.Layers;

/// <summary>What one layer keeps between timesteps: a hidden state, or a cell state.</summary>
/// <param name="Layer">The layer's name, such as <c>lstm.0</c>.</param>
/// <param name="Kind">Which of its states.</param>
/// <param name="Size">H, the number of floats.</param>
public sealed record StatePart(string Layer, StateKind Kind, int Size);

/// <summary>The two states that recurrent cells keep.</summary>
public enum StateKind
{
    /// <summary>h, which is also the layer's output.</summary>
    Hidden,

    /// <summary>c, an LSTM's memory.</summary>
    Cell,
}
