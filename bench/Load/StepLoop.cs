using System.Diagnostics;
using System.Net.Sockets;
using Rnn.Bench.Load.Http;

namespace Rnn.Bench.Load;

/// <summary>One connection that sends its request again as soon as it is answered.</summary>
sealed class StepLoop(Connection connection, byte[] request, Failures failures)
{
    readonly ReplyReader _reply = new();

    /// <summary>From the sending to the reply's last byte.</summary>
    public Histogram Latency { get; } = new();

    public async Task RunAsync(Window window)
    {
        try
        {
            for (var start = Stopwatch.GetTimestamp(); !window.IsOver(start);)
            {
                await connection.ExchangeAsync(request, _reply);
                var end = Stopwatch.GetTimestamp();
                if (!_reply.IsSuccess)
                {
                    failures.Add(_reply);
                }
                else if (window.Contains(end))
                {
                    Latency.Record(end - start);
                }

                start = end;
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            failures.Add(exception.Message);
        }
    }
}
