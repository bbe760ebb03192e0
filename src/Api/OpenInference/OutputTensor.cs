using Rnn.Engine.Codecs;

namespace Rnn.Api.OpenInference;

/// <summary>One of a model's outputs as a tensor: numbers [batch, time, O], or a label [batch, time] of each timestep.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Width">O; 0 for labels.</param>
/// <param name="NumbersOf">The numbers of a timestep's output.</param>
/// <param name="LabelOf">The label of a timestep's output.</param>
/// <param name="Labels">What each of the numbers stands for, if they are classes.</param>
sealed record OutputTensor(
    string Name, int Width, Func<Output, ReadOnlyMemory<float>> NumbersOf, Func<Output, string> LabelOf, IReadOnlyList<string>? Labels = null)
{
    /// <summary>The outputs of a model, each under its own name: of several heads, under theirs.</summary>
    public static IReadOnlyList<OutputTensor> Of(OutputHead head) => [.. Of(head, null, output => output)];

    static IEnumerable<OutputTensor> Of(OutputHead head, string? name, Func<Output, Output> part) => head switch
    {
        NamedHeads named => named.Heads.Index().SelectMany(of => Of(
            of.Item.Head, of.Item.Name, output => ((NamedOutputs)part(output)).Outputs[of.Index].Value)),
        DistributionHead classes =>
        [
            Numbers(name ?? "probabilities", classes.Size, output => ((Distribution)part(output)).Probabilities) with { Labels = classes.Labels },
            new(Part(name, "label"), 0, _ => default, output => ((Distribution)part(output)).Candidates[0].Text),
        ],
        ProbabilisticHead spread =>
        [
            Numbers(name ?? "output", spread.Quantities.Count, output => ((Spread)part(output)).Values),
            Numbers(Part(name, "lower"), spread.Quantities.Count, output => ((Spread)part(output)).Lower),
            Numbers(Part(name, "upper"), spread.Quantities.Count, output => ((Spread)part(output)).Upper),
        ],
        _ => [Numbers(name ?? "output", head.Size, output => ((ValueVector)part(output)).Values)],
    };

    static OutputTensor Numbers(string name, int width, Func<Output, ReadOnlyMemory<float>> numbersOf) => new(name, width, numbersOf, _ => "");

    static string Part(string? name, string part) => name is null ? part : $"{name}.{part}";

    /// <summary>What the model says of it.</summary>
    /// <param name="isLastOnly">Whether there is one output at the end of a sequence only: no dimension of time then.</param>
    public TensorMetadata Metadata(bool isLastOnly)
    {
        long[] outer = isLastOnly ? [-1] : [-1, -1];
        return new(Name, Width == 0 ? Datatype.Bytes : Datatype.Fp32, Width == 0 ? outer : [.. outer, Width]);
    }

    /// <summary>The tensor of what a batch was told.</summary>
    /// <param name="outer">[batch, time], or [batch].</param>
    /// <param name="outputs">batch * time outputs.</param>
    public Tensor Write(IReadOnlyList<long> outer, IReadOnlyList<Output> outputs)
    {
        if (Width == 0)
        {
            return Tensor.Of(Name, outer, outputs.Select(LabelOf));
        }

        var numbers = new float[outputs.Count * Width];
        foreach (var (index, output) in outputs.Index())
        {
            NumbersOf(output).Span.CopyTo(numbers.AsSpan(index * Width, Width));
        }

        return Tensor.Of(Name, [.. outer, Width], numbers);
    }

    /// <summary>The highest k of each timestep's numbers, as <c>value:index:label</c>, the highest first.</summary>
    /// <inheritdoc cref="Write" path="/param"/>
    public Tensor WriteClasses(IReadOnlyList<long> outer, IReadOnlyList<Output> outputs, int count)
    {
        count = Math.Min(count, Width);
        var classes = outputs.SelectMany(output => NumbersOf(output).ToArray().Index()
            .OrderByDescending(item => item.Item)          // stable: ties go to the lower index
            .Take(count)
            .Select(item => Labels is null
                ? FormattableString.Invariant($"{item.Item}:{item.Index}")
                : FormattableString.Invariant($"{item.Item}:{item.Index}:{Labels[item.Index]}")));
        return Tensor.Of(Name, [.. outer, count], classes);
    }
}
