namespace Rnn.Bench.Load;

/// <summary>The result as rows of a Markdown table, one for each kind of connection.</summary>
static class Table
{
    const string Header =
        "| server | what | connections | per second | p50, ms | p95, ms | p99, ms | server CPU, \u00b5s | client CPU, \u00b5s | errors |\n"
        + "|---|---|---|---|---|---|---|---|---|---|";

    static readonly double[] Shares = [0.5, 0.95, 0.99];

    public static void Write(
        LoadOptions options, IReadOnlyList<StepLoop> steps, IReadOnlyList<StreamLoop> streams, IReadOnlyList<SocketLoop> sockets, CpuMeter cpu,
        Failures failures)
    {
        if (options.HasHeader)
        {
            Console.WriteLine(Header);
        }

        // CPU time can't be told apart if there are both.
        var isMixed = new[] { steps.Count, streams.Count, sockets.Count }.Count(count => count > 0) > 1;
        if (steps.Count > 0)
        {
            var latency = Histogram.Merge(steps.Select(step => step.Latency));
            Row(NameOfStep(options), steps.Count, latency.Count, [latency]);
        }

        if (streams.Count > 0)
        {
            var toFirst = Histogram.Merge(streams.Select(stream => stream.ToFirst));
            var between = Histogram.Merge(streams.Select(stream => stream.Between));
            Row($"{options.Model}: stream (to the first / between)", streams.Count, toFirst.Count + between.Count, [toFirst, between]);
        }

        if (sockets.Count > 0)
        {
            var latency = Histogram.Merge(sockets.Select(socket => socket.Latency));
            Row($"{options.Model}: socket, {options.Rate} steps/s", sockets.Count, latency.Count, [latency]);
        }

        void Row(string what, int connections, long count, Histogram[] latencies)
        {
            string[] cells =
            [
                options.Label, what, $"{connections}", $"{count / options.Measured.TotalSeconds:N0}",
                .. Shares.Select(share => string.Join(" / ", latencies.Select(latency => Milliseconds(latency.Percentile(share))))),
                isMixed ? "" : Each(cpu.Server, count), isMixed ? "" : Each(cpu.Client, count), $"{failures.Count}",
            ];
            Console.WriteLine($"| {string.Join(" | ", cells)} |");
        }
    }

    static string NameOfStep(LoadOptions options) => options switch
    {
        { Path: { } path } => path,
        { IsStateless: true } => $"{options.Model}: step, stateless",
        _ => $"{options.Model}: step",
    };

    static string Milliseconds(double value) => value < 1 ? $"{value:F3}" : $"{value:F2}";

    static string Each(TimeSpan? time, long count) => time is null || count == 0 ? "" : $"{time.Value.TotalMicroseconds / count:F1}";
}
