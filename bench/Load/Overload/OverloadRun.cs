namespace Rnn.Bench.Load.Overload;

/// <summary>
/// What a server does with more than it can do: as many calls as some connections get answered, then a multiple of that, then half of it, and
/// at the end a look at each session: what was acknowledged is there, once.
/// </summary>
static class OverloadRun
{
    static readonly TimeSpan Recovery = TimeSpan.FromSeconds(5);

    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(LoadOptions options)
    {
        using var api = new ServerApi(options.Url);
        using var cpu = new CpuMeter(options.ProcessId);
        var failures = new Failures();
        var body = Requests.Body(await api.FeaturesAsync(options.Model), options.Timesteps);
        var callers = new List<Caller>();
        try
        {
            while (callers.Count < options.Callers)
            {
                callers.Add(await Caller.OpenAsync(options, api, body));
            }

            var alone = callers.Take(options.Steps).ToList();
            var full = await RunAsync(alone, 0, options.WarmUp, options.Measured);
            var half = await RunAsync(alone, full.AcceptedPerSecond / 2, TimeSpan.FromSeconds(1), options.Measured);
            var over = await RunAsync(callers, full.AcceptedPerSecond * options.Overload, TimeSpan.FromSeconds(1), options.Measured);
            var after = await RunAsync(callers, full.AcceptedPerSecond / 2, TimeSpan.Zero, Recovery);
            Tell(options, full, half, over, after);
            await VerifyAsync(options, api, callers, failures);
        }
        finally
        {
            foreach (var caller in callers)
            {
                caller.Dispose();
                await api.DeleteSessionAsync(caller.Session);
            }
        }

        return failures.Tell() ? 1 : 0;

        async Task<Phase> RunAsync(IReadOnlyCollection<Caller> callers, double perSecond, TimeSpan warmUp, TimeSpan measured)
        {
            var phase = new Phase(perSecond, warmUp, measured, failures);
            await phase.RunAsync(callers);
            return phase;
        }
    }

    static void Tell(LoadOptions options, Phase full, Phase half, Phase over, Phase after)
    {
        if (options.HasHeader)
        {
            Console.WriteLine("| what | offered per second | accepted | p50, ms | p99, ms | refused | p99, ms | longest, ms |");
            Console.WriteLine("|---|---|---|---|---|---|---|---|");
        }

        Row($"{options.Label}: half of that", half);
        Row($"{options.Label}: what {options.Steps} connections get answered", full);
        Row($"{options.Label}: {options.Overload} times that", over);
        Console.WriteLine();
        Console.WriteLine($"p99 of the accepted: {over.Accepted.Percentile(0.99) / full.Accepted.Percentile(0.99):F2} times that at saturation.");
        Console.WriteLine($"Then, at half of it again: {after.SecondsUntil(full.Accepted.Percentile(0.99)):F1} s until nothing is refused and p99 is no longer than at saturation.");
    }

    static void Row(string what, Phase phase) => Console.WriteLine(
        $"| {what} | {phase.OfferedPerSecond:N0} | {phase.AcceptedPerSecond:N0} | {phase.Accepted.Percentile(0.5):F1} | {phase.Accepted.Percentile(0.99):F1} "
        + $"| {phase.Refused.Count * 100d / Math.Max(1, phase.Refused.Count + phase.Accepted.Count):F0} % | {phase.Refused.Percentile(0.99):F1} | {phase.Refused.Max:F1} |");

    static async Task VerifyAsync(LoadOptions options, ServerApi api, List<Caller> callers, Failures failures)
    {
        foreach (var caller in callers)
        {
            var (step, _) = await api.WhereIsAsync(caller.Session);
            if (step != caller.Accepted * options.Timesteps)
            {
                failures.Add($"Session {caller.Session} is at step {step}; {caller.Accepted} calls of {options.Timesteps} timesteps were acknowledged.");
            }
        }

        Console.WriteLine($"{callers.Sum(caller => caller.Accepted):N0} calls on {callers.Count} sessions were acknowledged; each session is where they have left it: {(failures.Count == 0 ? "yes" : "NO")}.");
    }
}
