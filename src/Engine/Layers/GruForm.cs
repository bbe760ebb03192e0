using System.Numerics.Tensors;
using Rnn.Engine.Numerics;

namespace Rnn.Engine.Layers;

/// <summary>What a <see cref="GruVariantLayer"/> varies.</summary>
public sealed record GruForm
{
    /// <summary>Whether the reset gate stands after the recurrent product.</summary>
    public bool ResetAfter { get; init; } = true;

    /// <summary>Of the gates r, z.</summary>
    public Activation RecurrentActivation { get; init; } = Activation.Sigmoid;

    /// <summary>Of the candidate n.</summary>
    public Activation Activation { get; init; } = Activation.Tanh;

    /// <summary>The largest absolute value that goes into an activation; 0 for no limit.</summary>
    public float Limit { get; init; }

    internal void Clip(Span<float> sums)
    {
        if (Limit > 0)
        {
            TensorPrimitives.Clamp(sums, -Limit, Limit, sums);
        }
    }
}
