using Rnn.Bench.Load.Http;

namespace Rnn.Bench.Load;

/// <summary>One measurement: connects everybody, lets them run through the same window, and tells the result.</summary>
static class LoadRun
{
    // For the replies that are under way when the time is up.
    static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(LoadOptions options)
    {
        using var api = new ServerApi(options.Url);
        await using var requests = new Requests(options, api);
        using var cpu = new CpuMeter(options.ProcessId);
        var connections = new List<Connection>();
        var sockets = new List<SocketLoop>();
        var failures = new Failures();
        try
        {
            var steps = new List<StepLoop>();
            for (var n = 0; n < options.Steps; n++)
            {
                steps.Add(new StepLoop(await ConnectAsync(), await requests.StepAsync(n), failures));
            }

            var streams = new List<StreamLoop>();
            for (var n = 0; n < options.Streams; n++)
            {
                streams.Add(new StreamLoop(await ConnectAsync(), await requests.GenerateAsync(), failures));
            }

            for (var n = 0; n < options.Sockets; n++)
            {
                var (socket, step) = await requests.SocketAsync();
                sockets.Add(await SocketLoop.OpenAsync(socket, step, options.Rate, (double)n / options.Sockets, failures));
            }

            var window = new Window(options.WarmUp, options.Measured);
            var loops = Task.WhenAll([.. steps.Select(step => step.RunAsync(window)), .. streams.Select(stream => stream.RunAsync(window)), .. sockets.Select(socket => socket.RunAsync(window))]);
            await cpu.MeasureAsync(window);
            await FinishAsync(loops, failures);
            Table.Write(options, steps, streams, sockets, cpu, failures);
        }
        finally
        {
            connections.ForEach(connection => connection.Dispose());
            sockets.ForEach(socket => socket.Dispose());
        }

        return failures.Tell() ? 1 : 0;

        async Task<Connection> ConnectAsync()
        {
            var connection = new Connection();
            connections.Add(connection);
            await connection.OpenAsync(options.Url);
            return connection;
        }
    }

    static async Task FinishAsync(Task loops, Failures failures)
    {
        try
        {
            await loops.WaitAsync(Grace);
        }
        catch (TimeoutException)
        {
            failures.Add($"A reply was not complete {Grace.TotalSeconds:F0} s after the end.");
        }
    }
}
