using System.Numerics.Tensors;

namespace Rnn.Engine.Models;

/// <summary>
/// How an output of the network depends on each input: its exact gradient, by back-propagation through time. Of a distribution the output is a
/// logit, of values a scaled value; an input is a token's vector, or the scaled features.
/// </summary>
/// <param name="Output">The output's index.</param>
/// <param name="Label">Its label or token, if it has one.</param>
/// <param name="Timestep">At which timestep of the call it is.</param>
/// <param name="Inputs">The inputs up to it, [T, I].</param>
/// <param name="Gradients">dy/dx, [T, I].</param>
public sealed record Attribution(int Output, string? Label, int Timestep, IReadOnlyList<float[]> Inputs, IReadOnlyList<float[]> Gradients)
{
    /// <summary>|dy/dx| of each timestep: how strongly the output would change with its input.</summary>
    public IReadOnlyList<float> Norms => [.. Gradients.Select(gradient => TensorPrimitives.Norm<float>(gradient))];

    /// <summary>x . dy/dx of each timestep: what its input adds, to first order.</summary>
    public IReadOnlyList<float> Products => [.. Gradients.Zip(Inputs, (gradient, input) => TensorPrimitives.Dot<float>(gradient, input))];
}
