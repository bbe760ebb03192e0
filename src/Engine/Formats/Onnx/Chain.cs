namespace Rnn.Engine.Formats.Onnx;

/// <summary>
/// Layers that stand on each other, from the input of the graph up; several chains may share their lower part, which is how a
/// trunk with two heads is seen to be one.
/// </summary>
sealed class Chain
{
    const int MaxSteps = 1_000;
    const int MaxNesting = 8;

    readonly int _depth;
    readonly int _steps;
    readonly int _nesting;

    /// <summary>The input of a graph, without a layer.</summary>
    public Chain(Input input, int width)
    {
        Input = input;
        Width = width;
    }

    Chain(Chain below, Step step, int width)
    {
        Input = below.Input;
        Below = below;
        Step = step;
        Width = width;
        IsPicked = below.IsPicked || step is PickStep;
        IsRecurrent = below.IsRecurrent || step is RecurrentStep;
        _depth = below._depth + 1;
        _steps = below._steps + 1;
        _nesting = below._nesting;
        if (step is MergeStep merge)
        {
            // At most MaxSteps each and 100,000 of them: no overflow.
            _steps += merge.Parts.Sum(part => part._steps - below._steps);
            _nesting = Math.Max(_nesting, 1 + merge.Parts.Max(part => part._nesting));
            IsPicked |= merge.Parts.Any(part => part.IsPicked);
            IsRecurrent |= merge.Parts.Any(part => part.IsRecurrent);
        }

        if (_steps > MaxSteps || _nesting > MaxNesting)
        {
            throw step.Node.Refusal($"stands on more than {MaxSteps} layers, or {MaxNesting} levels of branches");
        }
    }

    /// <summary>The input that it begins with.</summary>
    public Input Input { get; }

    /// <summary>What it stands on; null for the input itself.</summary>
    public Chain? Below { get; }

    /// <summary>The uppermost step; null for the input itself.</summary>
    public Step? Step { get; }

    /// <summary>How many features come out; 0 if only a layer above tells.</summary>
    public int Width { get; }

    /// <summary>Whether only one timestep is left.</summary>
    public bool IsPicked { get; }

    /// <summary>Whether a recurrent layer is in it.</summary>
    public bool IsRecurrent { get; }

    /// <summary>This chain with a step on it.</summary>
    public Chain Then(Step step, int width) => new(this, step, width);

    /// <summary>Those steps of this chain that stand on <paramref name="below"/>, from below.</summary>
    public List<Step> StepsAbove(Chain? below)
    {
        List<Step> steps = [];
        for (var chain = this; chain != below && chain?.Step is not null; chain = chain.Below)
        {
            steps.Add(chain.Step);
        }

        steps.Reverse();
        return steps;
    }

    /// <summary>The longest chain that all of <paramref name="chains"/> stand on; null if they begin with different inputs.</summary>
    public static Chain? Shared(IReadOnlyList<Chain> chains)
    {
        var shared = chains[0];
        foreach (var chain in chains)
        {
            var other = chain;
            while (shared != other)
            {
                if (shared._depth >= other._depth)
                {
                    if (shared.Below is null)
                    {
                        return null;
                    }

                    shared = shared.Below;
                }
                else
                {
                    other = other.Below!;
                }
            }
        }

        return shared;
    }
}
