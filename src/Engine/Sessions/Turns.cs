namespace Rnn.Engine.Sessions;

/// <summary>
/// Who is next on each session: one call at a time, in the order of arrival, within this process. Sessions that nobody uses take
/// no room here.
/// </summary>
public sealed class Turns
{
    readonly Lock _lock = new();
    readonly Dictionary<string, Queue> _queues = new(StringComparer.Ordinal);

    /// <summary>How many sessions are in use.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _queues.Count;
            }
        }
    }

    /// <summary>Whether a call holds a session or waits for it.</summary>
    public bool IsTaken(string key)
    {
        lock (_lock)
        {
            return _queues.ContainsKey(key);
        }
    }

    /// <summary>Waits for a turn; it ends when the result is disposed.</summary>
    /// <param name="key">The session's <see cref="SessionRecord.Key"/>.</param>
    /// <param name="call">The call's key, which no other call may have that holds the session or waits for it.</param>
    /// <param name="aborted">Gives up.</param>
    /// <exception cref="EngineException">A call with the same key is under way.</exception>
    public async Task<IDisposable> TakeAsync(string key, IdempotencyKey? call, CancellationToken aborted)
    {
        var turn = Join(key, call);
        try
        {
            await turn.Queue.Free.WaitAsync(aborted);
        }
        catch
        {
            Leave(turn);
            throw;
        }

        turn.IsHeld = true;
        return turn;
    }

    Turn Join(string key, IdempotencyKey? call)
    {
        lock (_lock)
        {
            if (!_queues.TryGetValue(key, out var queue))
            {
                _queues.Add(key, queue = new Queue());
            }

            if (call is not null && queue.Calls.Find(other => other.Key == call.Key) is { } same)
            {
                throw same == call
                    ? new EngineException(ErrorKind.CallInProgress, "A call with this idempotency key is still under way; ask again when it has ended.")
                    : SessionLease.Reused();
            }

            queue.Users++;
            if (call is not null)
            {
                queue.Calls.Add(call);
            }

            return new Turn(this, key, queue, call);
        }
    }

    void Leave(Turn turn)
    {
        lock (_lock)
        {
            if (turn.Call is not null)
            {
                turn.Queue.Calls.Remove(turn.Call);
            }

            if (--turn.Queue.Users == 0)
            {
                _queues.Remove(turn.Key);
            }
        }

        if (turn.IsHeld)
        {
            turn.Queue.Free.Release();
        }
    }

    sealed class Queue
    {
        /// <summary>Waiters of a <see cref="SemaphoreSlim"/> that all wait asynchronously are let in first come, first served.</summary>
        public SemaphoreSlim Free { get; } = new(1, 1);

        public int Users { get; set; }

        public List<IdempotencyKey> Calls { get; } = [];
    }

    sealed class Turn(Turns turns, string key, Queue queue, IdempotencyKey? call) : IDisposable
    {
        bool _disposed;

        public string Key => key;

        public Queue Queue => queue;

        public IdempotencyKey? Call => call;

        public bool IsHeld { get; set; }

        public void Dispose()
        {
            if (!_disposed)
            {
                _disposed = true;
                turns.Leave(this);
            }
        }
    }
}
