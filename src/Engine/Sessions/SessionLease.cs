using Rnn.Engine.Layers;
using Rnn.Engine.Models;

namespace Rnn.Engine.Sessions;

/// <summary>
/// One call's turn on a session. What is not committed never happened.
/// </summary>
public sealed class SessionLease : IDisposable
{
    readonly SessionTable _table;
    readonly Session _session;
    bool _disposed;

    internal SessionLease(SessionTable table, Session session)
    {
        _table = table;
        _session = session;
    }

    /// <summary>The session's ID.</summary>
    public string Id => _session.Id;

    /// <summary>The model the session runs on.</summary>
    public RecurrentModel Model => _session.Model;

    /// <summary>The session's state, which is replaced by a commit and never changed: work on a copy.</summary>
    public RecurrentState State => _session.State;

    /// <summary>Makes a copy of <paramref name="state"/> the session's state.</summary>
    public void Commit(RecurrentState state)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _session.State = state.Copy();
    }

    /// <summary>Ends the session.</summary>
    public void Delete()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _table.Delete(_session);
    }

    /// <summary>Lets the next call in.</summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _table.Release(_session);
        }
    }
}
