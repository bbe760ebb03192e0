using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace Rnn.Api.Storage;

/// <summary>
/// Runs what is asked of one connection on one thread. All that waits is run as one transaction, and its callers are told when it is
/// committed: so the write to the disk that makes a commit safe is shared by everyone who came during the one before.
/// </summary>
sealed class SqliteQueue : IAsyncDisposable
{
    const int MaxGroup = 256;

    readonly SqliteConnection _connection;
    readonly Channel<Work> _waiting = Channel.CreateUnbounded<Work>(new() { SingleReader = true });
    readonly Task _loop;

    /// <param name="connection">The connection, which from now on is the queue's.</param>
    public SqliteQueue(SqliteConnection connection)
    {
        _connection = connection;
        _loop = Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Asks something that changes nothing.</summary>
    /// <param name="read">Asks it; run anew if the group that it was part of could not be committed, as it may have seen of that.</param>
    /// <param name="kept">Runs on the queue's thread when what was seen is committed, before anything else is done.</param>
    /// <param name="aborted">Gives up.</param>
    /// <exception cref="SqliteException">SQLite can't.</exception>
    public Task<T> ReadAsync<T>(Func<T> read, Action<T>? kept, CancellationToken aborted) =>
        AddAsync(new Work<T>(read, writes: false, kept)).WaitAsync(aborted);

    /// <summary>Makes a change. It is committed when this has ended well, and not made if it has not.</summary>
    /// <param name="write">Makes it; run anew if the group that it was part of could not be committed.</param>
    /// <param name="kept">Runs on the queue's thread when it is committed, before anything else is done.</param>
    /// <exception cref="SqliteException">SQLite can't.</exception>
    public Task<T> WriteAsync<T>(Func<T> write, Action<T>? kept) => AddAsync(new Work<T>(write, writes: true, kept));

    /// <summary>Finishes what waits, and closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _loop;
        await _connection.DisposeAsync();                  // the last one to close takes the log into the file
    }

    Task<T> AddAsync<T>(Work<T> work)
    {
        ObjectDisposedException.ThrowIf(!_waiting.Writer.TryWrite(work), this);
        return work.Task;
    }

    void Run()
    {
        try
        {
            RunGroups();
        }
        catch (Exception exception)                        // a bug; nobody may wait for ever for that
        {
            _waiting.Writer.TryComplete();
            while (_waiting.Reader.TryRead(out var work))
            {
                work.Fail(exception);
            }
        }
    }

    void RunGroups()
    {
        using var begin = Command("begin immediate");
        using var commit = Command("commit");
        using var rollback = Command("rollback");
        var group = new List<Work>(MaxGroup);
        var reader = _waiting.Reader;
        while (reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (group.Count < MaxGroup && reader.TryRead(out var work))
            {
                group.Add(work);
            }

            if (Commit(group) is { } failure)
            {
                foreach (var work in group)                // each for itself: what can be done is, and only the rest fails
                {
                    if ((group.Count == 1 ? failure : Commit([work])) is { } own)
                    {
                        work.Fail(own);
                    }
                }
            }

            group.Clear();
        }

        // Null, or why nothing of it is done.
        Exception? Commit(List<Work> works)
        {
            var writes = works.Exists(work => work.Writes);
            try
            {
                if (writes)
                {
                    begin.ExecuteNonQuery();
                }

                works.ForEach(work => work.Run());
                if (writes)
                {
                    commit.ExecuteNonQuery();
                }
            }
            catch (Exception exception)
            {
                Rollback();
                return exception;
            }

            works.ForEach(work => work.Tell());
            return null;
        }

        void Rollback()
        {
            try
            {
                rollback.ExecuteNonQuery();
            }
            catch (SqliteException)
            {
                // There is none to roll back: it was not begun, or SQLite has done so by itself.
            }
        }
    }

    SqliteCommand Command(string sql)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.Prepare();
        return command;
    }

    abstract class Work(bool writes)
    {
        public bool Writes => writes;

        public abstract void Run();

        public abstract void Tell();

        public abstract void Fail(Exception exception);
    }

    sealed class Work<T>(Func<T> run, bool writes, Action<T>? kept) : Work(writes)
    {
        readonly TaskCompletionSource<T> _told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        T? _result;

        public Task<T> Task => _told.Task;

        public override void Run() => _result = run();

        public override void Tell()
        {
            kept?.Invoke(_result!);
            _told.SetResult(_result!);
        }

        public override void Fail(Exception exception) => _told.TrySetException(exception);
    }
}
