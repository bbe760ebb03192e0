namespace Rnn.Engine.Layers;

/// <summary>What can be seen of a timestep.</summary>
public enum TracePart
{
    /// <summary>h', the hidden state after it.</summary>
    Hidden,

    /// <summary>c', an LSTM's cell state after it.</summary>
    Cell,

    /// <summary>i, an LSTM's input gate.</summary>
    Input,

    /// <summary>f, an LSTM's forget gate.</summary>
    Forget,

    /// <summary>o, an LSTM's output gate.</summary>
    Output,

    /// <summary>g of an LSTM, n of a GRU: what would be written.</summary>
    Candidate,

    /// <summary>r, a GRU's reset gate.</summary>
    Reset,

    /// <summary>z, a GRU's update gate: the share that stays.</summary>
    Update,

    /// <summary>a, the weights with which a decoder looks at each timestep of its source.</summary>
    Attention,

    /// <summary>The network's output before it is decoded.</summary>
    Logits,
}
