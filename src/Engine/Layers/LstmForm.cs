using System.Numerics.Tensors;
using Rnn.Engine.Numerics;

namespace Rnn.Engine.Layers;

/// <summary>What a <see cref="LstmVariantLayer"/> varies.</summary>
public sealed record LstmForm
{
    /// <summary>Of the gates i, f, o.</summary>
    public Activation RecurrentActivation { get; init; } = Activation.Sigmoid;

    /// <summary>Of the candidate g.</summary>
    public Activation Activation { get; init; } = Activation.Tanh;

    /// <summary>Of the cell state on its way to the hidden state.</summary>
    public Activation OutputActivation { get; init; } = Activation.Tanh;

    /// <summary>p_i, p_f, p_o, each [H], or each empty for none.</summary>
    public IReadOnlyList<float[]> Peepholes { get; init; } = [[], [], []];

    /// <summary>Whether the forget gate is 1 - i.</summary>
    public bool InputForget { get; init; }

    /// <summary>The largest absolute value that goes into an activation; 0 for no limit.</summary>
    public float Limit { get; init; }

    /// <summary>W_hr [P, H]; null for none.</summary>
    public PackedMatrix? Projection { get; init; }

    internal void Clip(Span<float> sums)
    {
        if (Limit > 0)
        {
            TensorPrimitives.Clamp(sums, -Limit, Limit, sums);
        }
    }
}
