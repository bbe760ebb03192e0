using System.Diagnostics;

namespace Rnn.Bench.Load.Soak;

/// <summary>Clients of all kinds for a long time, samples of what the server takes, and a verdict.</summary>
static class SoakRun
{
    const double Mega = 1 << 20;

    /// <returns>The exit code: 1 if something grows, or was not answered as it must be.</returns>
    public static async Task<int> RunAsync(LoadOptions options)
    {
        var process = options.ProcessId ?? throw new ArgumentException("--soak needs --pid.");
        using var http = new HttpClient { BaseAddress = options.Url };
        using var end = new CancellationTokenSource();
        var failures = new Failures();
        var clients = Enumerable.Range(0, options.Steps).Select(number => new Mix(options, number, failures)).ToList();
        var running = Task.WhenAll(clients.Select(client => Task.Run(() => client.RunAsync(end.Token))));
        var samples = new List<Sample>();
        var clock = Stopwatch.StartNew();
        Console.WriteLine("| seconds | done | resident, MB | heap after a collection, MB | handles | threads | sessions |\n|---|---|---|---|---|---|---|");
        while (clock.Elapsed < options.Soak && !running.IsCompleted)
        {
            await Task.Delay(options.Every);
            var sample = await Sample.TakeAsync(http, process, clock.Elapsed.TotalSeconds);
            samples.Add(sample);
            Console.WriteLine(
                $"| {sample.Seconds:F0} | {clients.Sum(client => client.Done):N0} | {sample.Resident / Mega:F1} | {sample.Heap / Mega:F2} | {sample.Handles} | {sample.Threads} | {sample.Sessions:N0} |");
        }

        await end.CancelAsync();
        await running;
        clients.ForEach(client => client.Dispose());
        Floor[] floors =
        [
            new("resident, MB", [.. samples.Select(sample => sample.Resident / Mega)], share: 0.1, least: 16),
            new("heap, MB", [.. samples.Select(sample => sample.Heap / Mega)], share: 0.05, least: 4),
            new("handles", [.. samples.Select(sample => (double)sample.Handles)], share: 0.1, least: 4),
            new("threads", [.. samples.Select(sample => (double)sample.Threads)], share: 0.1, least: 2),
        ];
        Console.WriteLine();
        Console.WriteLine(string.Join('\n', floors.Select(floor => $"- {floor}")));
        var grows = floors.Any(floor => floor.Grows);
        Console.WriteLine($"Verdict: {(grows ? "it grows" : "steady")}.");
        return failures.Tell() | grows ? 1 : 0;
    }
}
