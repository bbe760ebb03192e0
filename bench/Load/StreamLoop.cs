using System.Diagnostics;
using System.Net.Sockets;
using Rnn.Bench.Load.Http;

namespace Rnn.Bench.Load;

/// <summary>One connection that asks for a stream again as soon as one has ended.</summary>
sealed class StreamLoop
{
    readonly Connection _connection;
    readonly byte[] _request;
    readonly Failures _failures;
    readonly EventReader _events;
    readonly ReplyReader _reply;
    Window? _window;
    bool _hasBegun;
    long _last;                                            // the request, then each timestep

    public StreamLoop(Connection connection, byte[] request, Failures failures)
    {
        (_connection, _request, _failures) = (connection, request, failures);
        _events = new EventReader(TakeTimestep);
        _reply = new ReplyReader(_events);
    }

    /// <summary>From the request to the first timestep.</summary>
    public Histogram ToFirst { get; } = new();

    /// <summary>From each timestep to the next.</summary>
    public Histogram Between { get; } = new();

    public async Task RunAsync(Window window)
    {
        _window = window;
        try
        {
            while (!window.IsOver(_last = Stopwatch.GetTimestamp()))
            {
                _hasBegun = false;
                await _connection.ExchangeAsync(_request, _reply);
                if (!_reply.IsSuccess)
                {
                    _failures.Add(_reply);
                }
                else if (_events.TakeError() is { } error)
                {
                    _failures.Add(error);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            _failures.Add(exception.Message);
        }
    }

    void TakeTimestep()
    {
        var now = Stopwatch.GetTimestamp();
        if (_window!.Contains(now))
        {
            (_hasBegun ? Between : ToFirst).Record(now - _last);
        }

        _hasBegun = true;
        _last = now;
    }
}
