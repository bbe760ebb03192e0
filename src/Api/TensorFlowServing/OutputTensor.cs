using System.Diagnostics;
using Rnn.Engine.Codecs;

namespace Rnn.Api.TensorFlowServing;

/// <summary>A tensor that a model tells of a timestep.</summary>
/// <param name="Name">What replies call it if there are several.</param>
/// <param name="Size">How many numbers it has.</param>
/// <param name="Read">Takes it out of an output.</param>
sealed record OutputTensor(string Name, int Size, Func<Output, float[]> Read)
{
    /// <summary>The tensors of a head: one, or three if it tells an interval around each value, or those of each head by name.</summary>
    public static IReadOnlyList<OutputTensor> Of(OutputHead head) => head switch
    {
        NamedHeads named => [.. named.Heads.SelectMany((part, index) => Of(part.Head, part.Name).Select(tensor =>
            tensor with { Read = output => tensor.Read(((NamedOutputs)output).Outputs[index].Value) }))],
        _ => Of(head, null),
    };

    static IReadOnlyList<OutputTensor> Of(OutputHead head, string? name) => head switch
    {
        DistributionHead => [new(name ?? "probabilities", head.Size, output => InOrder((Distribution)output))],
        ValueHead values => [new(name ?? "values", values.Quantities.Count, output => ((ValueVector)output).Values)],
        ProbabilisticHead spread =>
        [
            new(name ?? "values", spread.Quantities.Count, output => ((Spread)output).Values),
            new(name is null ? "lower" : $"{name}_lower", spread.Quantities.Count, output => ((Spread)output).Lower),
            new(name is null ? "upper" : $"{name}_upper", spread.Quantities.Count, output => ((Spread)output).Upper),
        ],
        _ => throw new UnreachableException($"No tensors of {head.GetType()}. This is a bug."),
    };

    // Candidates come the most probable first.
    static float[] InOrder(Distribution distribution)
    {
        var probabilities = new float[distribution.Candidates.Count];
        foreach (var candidate in distribution.Candidates)
        {
            probabilities[candidate.Index] = candidate.Probability;
        }

        return probabilities;
    }
}
