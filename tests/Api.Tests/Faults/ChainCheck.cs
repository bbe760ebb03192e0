namespace Rnn.Api.Tests.Faults;

/// <summary>
/// Says whether what the clients of a session were told can be true. A step is a function of the state before it, so the inputs in
/// the order of their numbers determine every output and the last state: no search is needed, one pass finds every fault.
/// </summary>
static class ChainCheck
{
    /// <summary>What is wrong with a history; null if nothing is.</summary>
    /// <param name="acknowledged">The steps that clients were told of.</param>
    /// <param name="end">The session's step after all of them.</param>
    public static string? FaultOf(IReadOnlyList<AcknowledgedStep> acknowledged, long end)
    {
        var chain = new AcknowledgedStep?[acknowledged.Count];
        foreach (var step in acknowledged)
        {
            if (step.Number < 1 || step.Number > chain.Length)
            {
                return $"Step {step.Number} was acknowledged, but there were only {chain.Length}: one was applied twice, or not told.";
            }

            if (chain[step.Number - 1] is { } other)
            {
                return $"Step {step.Number} was acknowledged twice, for the inputs {other.Input} and {step.Input}: one of them is lost.";
            }

            chain[step.Number - 1] = step;
        }

        return end == chain.Length
            ? FaultOf(chain!)
            : $"The session is at step {end}; {chain.Length} were acknowledged.";
    }

    /// <summary>Checks a session of a server against its history, to the last bit of its state.</summary>
    public static async Task VerifyAsync(ChainClient client, History history)
    {
        var steps = history.Steps;
        var fault = FaultOf(steps, await client.StepOfAsync(history.Session));
        Assert.True(fault is null, $"Session '{history.Session}': {fault}");

        var replay = await client.CreateAsync($"{history.Session}.replay");
        await client.RunAsync(replay, [.. steps.OrderBy(step => step.Number).Select(step => step.Input)]);
        Assert.Equal(await client.StateOfAsync(replay.Session), await client.StateOfAsync(history.Session));
    }

    /// <summary>Checks every session.</summary>
    public static Task VerifyAsync(ChainClient client, IEnumerable<History> histories) =>
        Task.WhenAll(histories.Select(history => VerifyAsync(client, history)));

    static string? FaultOf(AcknowledgedStep[] chain)
    {
        var counts = default(Counts);
        foreach (var step in chain)
        {
            counts = counts.After(step.Input);
            if (!counts.IsExact)
            {
                return $"At step {step.Number} the sums are beyond what float32 holds exactly; test with fewer steps or smaller inputs.";
            }

            if (!counts.Equals(step.Output))
            {
                return $"Step {step.Number} with input {step.Input} was answered [{string.Join(", ", step.Output)}]; its chain gives {counts}.";
            }
        }

        return null;
    }
}
