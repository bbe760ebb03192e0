namespace Rnn.Api;

/// <summary>How long a stream may go on: until its client leaves, the server stops, whose process it must not hold back, or its time is up.</summary>
sealed class StreamTime : IDisposable
{
    readonly CancellationToken _left;
    readonly IHostApplicationLifetime _lifetime;
    readonly CancellationTokenSource _end;

    /// <param name="lifetime">Says when the server stops.</param>
    /// <param name="server">Says how long a stream may take.</param>
    /// <param name="left">The client has left.</param>
    public StreamTime(IHostApplicationLifetime lifetime, ServerOptions server, CancellationToken left)
    {
        _left = left;
        _lifetime = lifetime;
        _end = CancellationTokenSource.CreateLinkedTokenSource(left, lifetime.ApplicationStopping);
        _end.CancelAfter(server.StreamTimeout);
    }

    /// <summary>Ends the stream.</summary>
    public CancellationToken Token => _end.Token;

    /// <summary>Why it was ended, as its last event says it; null if it was not, or if nobody is there to be told.</summary>
    public string? Reason => _left.IsCancellationRequested || !_end.IsCancellationRequested
        ? null
        : _lifetime.ApplicationStopping.IsCancellationRequested
            ? "The server is stopping."
            : "The stream has gone on for as long as one may (Server:StreamTimeout).";

    public void Dispose() => _end.Dispose();
}
