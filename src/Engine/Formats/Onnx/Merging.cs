using Rnn.Engine.Numerics;

namespace Rnn.Engine.Formats.Onnx;

/// <summary>Makes one chain of several.</summary>
static class Merging
{
    /// <summary>The chains' outputs one after the other, or put together number by number.</summary>
    /// <exception cref="EngineException">They begin with different inputs, or have different numbers of timesteps.</exception>
    public static Chain Of(Node node, Merge merge, IReadOnlyList<Chain> chains)
    {
        if (chains is [var single])
        {
            return single;
        }

        var below = chains.Count == 0 ? null : Chain.Shared(chains);
        if (below is null)
        {
            throw node.Refusal($"puts together what comes from different inputs: {string.Join(", ", chains.Select(chain => $"'{Node.Shown(chain.Input.Name)}'").Distinct().Take(4))}");
        }

        if (chains.Select(chain => chain.IsPicked).Distinct().Count() > 1)
        {
            throw node.Refusal("puts one timestep and all timesteps together");
        }

        if (chains.Select(chain => StandsOnRecurrence(chain, below)).Distinct().Count() > 1)
        {
            throw node.Refusal("puts together what passed through a recurrent layer and what went around it");
        }

        var width = merge == Merge.Concat ? chains.Sum(chain => (long)chain.Width) : chains.Max(chain => chain.Width);
        if (chains.Any(chain => chain.Width == 0) || width > Array.MaxLength || (merge != Merge.Concat && chains.Any(chain => chain.Width != width)))
        {
            throw node.Refusal($"puts {string.Join(" and ", chains.Select(chain => chain.Width).Distinct().Take(4))} features together");
        }

        return below.Then(new MergeStep(node, merge, below, chains), (int)width);
    }

    /// <summary>
    /// Some of a chain's features: what comes out of whole branches that were put one after the other, such as one direction.
    /// </summary>
    public static Chain Narrow(Node node, Chain chain, long from, long to)
    {
        // Steps that treat each number by itself are taken off and put back on a narrower chain.
        Stack<Step> above = [];
        while (!(from == 0 && to == chain.Width))
        {
            switch (chain.Step)
            {
                case PickStep or ReverseStep or ActivationStep { Activation.Kind: not (ActivationKind.Softmax or ActivationKind.LogSoftmax) }:
                    above.Push(chain.Step);
                    chain = chain.Below!;
                    break;
                case MergeStep { Merge: Merge.Concat } merge when Whole(merge.Parts, ref from, ref to) is { } parts:
                    chain = Of(node, Merge.Concat, parts);
                    break;
                default:
                    throw node.Refusal($"takes features {from} to {to} of {chain.Width}, which is no whole output of a layer");
            }
        }

        while (above.TryPop(out var step))
        {
            chain = chain.Then(step, chain.Width);
        }

        return chain;
    }

    /// <summary>The parts that hold a range of features, which becomes a range within them.</summary>
    static List<Chain>? Whole(IReadOnlyList<Chain> parts, ref long from, ref long to)
    {
        var (begin, end, first) = (0L, 0L, -1L);
        List<Chain> kept = [];
        foreach (var part in parts)
        {
            end = begin + part.Width;
            if (end > from && begin < to)
            {
                first = first < 0 ? begin : first;
                kept.Add(part);
            }

            begin = end;
        }

        if (kept.Count == 0 || kept.Count == parts.Count)
        {
            return null;
        }

        (from, to) = (from - first, to - first);
        return kept;
    }

    static bool StandsOnRecurrence(Chain chain, Chain below)
    {
        for (; chain != below; chain = chain.Below!)
        {
            if (chain.Step is RecurrentStep || chain.Step is MergeStep merge && merge.Parts.Any(part => StandsOnRecurrence(part, chain.Below!)))
            {
                return true;
            }
        }

        return false;
    }
}
