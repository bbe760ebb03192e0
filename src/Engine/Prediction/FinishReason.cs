namespace Rnn.Engine.Prediction;

/// <summary>Why a generation ended.</summary>
public enum FinishReason
{
    /// <summary>It reached its maximum length.</summary>
    Length,

    /// <summary>It met a stop string.</summary>
    Stop,

    /// <summary>The model drew its end token.</summary>
    End,

    /// <summary>It matches its pattern, and nothing can be added so that it still does.</summary>
    Pattern,
}
