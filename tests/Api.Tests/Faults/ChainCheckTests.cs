using CsCheck;

namespace Rnn.Api.Tests.Faults;

/// <summary>The check that the fault tests rest on accepts what is true and nothing else.</summary>
public sealed class ChainCheckTests
{
    static readonly Gen<int[]> Inputs = Gen.Int[1, 99].Array[3, 40];

    [Fact]
    public void A_true_history_is_accepted_in_whatever_order_its_answers_came() => Inputs.Sample(inputs =>
    {
        var steps = StepsOf(inputs);
        Assert.Null(ChainCheck.FaultOf(steps, inputs.Length));

        steps.Reverse();
        Assert.Null(ChainCheck.FaultOf(steps, inputs.Length));
    });

    [Fact]
    public void A_lost_step_is_found() => At((inputs, index) =>
    {
        var steps = StepsOf([.. inputs.Where((_, other) => other != index)]);      // the server never applied it...
        steps.Insert(index, StepsOf(inputs)[index]);                              // ...and said that it had
        Assert.NotNull(ChainCheck.FaultOf(steps, inputs.Length - 1));
    });

    [Fact]
    public void A_session_that_went_back_is_found() => At((inputs, index) =>
        Assert.NotNull(ChainCheck.FaultOf(StepsOf(inputs), index)));

    [Fact]
    public void A_step_that_was_applied_twice_is_found() => At((inputs, index) =>
    {
        var steps = StepsOf([.. inputs[..index], inputs[index], .. inputs[index..]]);
        steps.RemoveAt(index);                                                    // its first answer never came
        Assert.NotNull(ChainCheck.FaultOf(steps, inputs.Length + 1));
        Assert.NotNull(ChainCheck.FaultOf(steps, inputs.Length));
    });

    [Fact]
    public void A_last_step_that_was_applied_twice_is_found() => Inputs.Sample(inputs =>
        Assert.NotNull(ChainCheck.FaultOf(StepsOf(inputs), inputs.Length + 1)));

    [Fact]
    public void Steps_in_another_order_than_their_numbers_are_found() => At((inputs, index) =>
    {
        var (one, other) = (index, (index + 1) % inputs.Length);
        var steps = StepsOf(inputs);
        if (inputs[one] != inputs[other])
        {
            (steps[one], steps[other]) = (steps[one] with { Input = inputs[other] }, steps[other] with { Input = inputs[one] });
            Assert.NotNull(ChainCheck.FaultOf(steps, inputs.Length));
        }
    });

    [Fact]
    public void Another_sessions_state_is_found() => At((inputs, index) =>
    {
        var mixed = (int[])inputs.Clone();
        mixed[index] += 100;
        var steps = StepsOf(inputs);
        steps[index] = steps[index] with { Output = StepsOf(mixed)[index].Output };
        Assert.NotNull(ChainCheck.FaultOf(steps, inputs.Length));
    });

    [Fact]
    public void Sums_that_float32_does_not_hold_prove_nothing() =>
        Assert.Contains("beyond", ChainCheck.FaultOf(StepsOf([1 << 23, 1 << 23, 1]), 3), StringComparison.Ordinal);

    static void At(Action<int[], int> check) => Gen.Select(Inputs, Gen.Int[0, 1_000])
        .Sample((inputs, index) => check(inputs, index % inputs.Length));

    /// <summary>What a faultless server answers.</summary>
    static List<AcknowledgedStep> StepsOf(int[] inputs)
    {
        List<AcknowledgedStep> steps = [];
        var counts = default(Counts);
        foreach (var input in inputs)
        {
            counts = counts.After(input);
            steps.Add(new AcknowledgedStep(counts.Count, input, [counts.Count, counts.Sum, counts.Order]));
        }

        return steps;
    }
}
