namespace Rnn.Engine.Prediction;

/// <summary>At which timesteps an output is read.</summary>
public enum Readout
{
    /// <summary>At the last (many-to-one).</summary>
    Last,

    /// <summary>At every one (many-to-many).</summary>
    All,
}
