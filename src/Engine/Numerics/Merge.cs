namespace Rnn.Engine.Numerics;

/// <summary>How the outputs of several stacks become one.</summary>
public enum Merge
{
    /// <summary>One after the other.</summary>
    Concat,

    /// <summary>Added.</summary>
    Sum,

    /// <summary>Multiplied.</summary>
    Multiply,

    /// <summary>Their mean.</summary>
    Average,
}
