using System.Diagnostics.Tracing;
using System.Globalization;
using Microsoft.Diagnostics.NETCore.Client;

namespace Rnn.Bench.Load.Soak;

/// <summary>What a server takes, right after it has collected all its garbage.</summary>
/// <param name="Seconds">Since the beginning.</param>
/// <param name="Resident">Bytes of memory, as the operating system counts them.</param>
/// <param name="Heap">Bytes of objects in use.</param>
/// <param name="Handles">Files and sockets.</param>
/// <param name="Threads">Threads.</param>
/// <param name="Sessions">Sessions in memory.</param>
readonly record struct Sample(double Seconds, double Resident, double Heap, int Handles, int Threads, double Sessions)
{
    // The runtime's provider collects when somebody begins to listen to it with this keyword, as dotnet-gcdump does.
    const string Runtime = "Microsoft-Windows-DotNETRuntime";
    const long CollectHeap = 0x800000;

    public static async Task<Sample> TakeAsync(HttpClient server, int process, double seconds)
    {
        using (var session = await new DiagnosticsClient(process).StartEventPipeSessionAsync(
            [new EventPipeProvider(Runtime, EventLevel.Informational, CollectHeap)], requestRundown: false, circularBufferMB: 8, CancellationToken.None))
        {
            var reading = session.EventStream.CopyToAsync(Stream.Null);
            await session.StopAsync(CancellationToken.None);
            await reading;
        }

        var metrics = await server.GetStringAsync("/metrics");
        return new(
            seconds,
            ResidentOf(process),
            Sum(metrics, "dotnet_gc_last_collection_heap_size_bytes") - Sum(metrics, "dotnet_gc_last_collection_heap_fragmentation_size_bytes"),
            Directory.GetFiles($"/proc/{process}/fd").Length,
            Directory.GetDirectories($"/proc/{process}/task").Length,
            Sum(metrics, "rnn_sessions_active"));
    }

    static double ResidentOf(int process) => 1024 * double.Parse(
        File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(':', ' ', '\t')[^2], CultureInfo.InvariantCulture);

    static double Sum(string metrics, string name) => metrics.Split('\n')
        .Where(line => line.StartsWith($"{name}{{", StringComparison.Ordinal))
        .Sum(line => double.Parse(line[(line.IndexOf('}') + 2)..].Split(' ')[0], CultureInfo.InvariantCulture));
}
