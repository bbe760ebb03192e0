using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Rnn.Api.Storage;

/// <summary>Opens the file, sees that it is ours alone, and brings its tables up to date.</summary>
static class SqliteSchema
{
    /// <summary>The steps from each version of the tables to the next; the file's <c>user_version</c> is how many were taken.</summary>
    static readonly string[] Steps =
    [
        // A step of a session changes stamp and record alone, neither of which has an index. `wakes` is when the sweep next looks at
        // the row, in ticks; a session that was used meanwhile is put off then, and not at each use.
        """
        create table session (
          id text not null unique,
          stamp integer not null,
          model text not null,
          tags text not null,
          ended integer not null,
          wakes integer not null,
          record blob not null
        ) strict;
        create index session_wakes on session (wakes);
        """,

        // What the sessions of an owner take that have not ended, kept up by whatever changes a session. The owner stands before the slash of a key.
        """
        create table owner (name text not null primary key, sessions integer not null, bytes integer not null) strict, without rowid;
        insert into owner
          select substr(id, 1, instr(id, '/') - 1), count(*), sum(length(record)) from session where ended = 0 and instr(id, '/') > 0 group by 1;
        create trigger session_begins after insert on session when new.ended = 0 and instr(new.id, '/') > 0 begin
          insert into owner values (substr(new.id, 1, instr(new.id, '/') - 1), 1, length(new.record))
            on conflict (name) do update set sessions = sessions + 1, bytes = bytes + excluded.bytes;
        end;
        create trigger session_changes after update of record on session
        when instr(new.id, '/') > 0 and (old.ended <> new.ended or length(old.record) <> length(new.record)) begin
          insert into owner values (
              substr(new.id, 1, instr(new.id, '/') - 1),
              old.ended - new.ended,
              (1 - new.ended) * length(new.record) - (1 - old.ended) * length(old.record))
            on conflict (name) do update set sessions = sessions + excluded.sessions, bytes = bytes + excluded.bytes;
          delete from owner where name = substr(new.id, 1, instr(new.id, '/') - 1) and sessions = 0;
        end;
        create trigger session_goes after delete on session when old.ended = 0 and instr(old.id, '/') > 0 begin
          update owner set sessions = sessions - 1, bytes = bytes - length(old.record) where name = substr(old.id, 1, instr(old.id, '/') - 1);
        end;
        """,
    ];

    // Before it, two connections that wrote and checkpointed at once could damage the file.
    static readonly Version OldestSqlite = new(3, 51, 3);

    /// <summary>Opens the file; creates it if there is none.</summary>
    /// <exception cref="InvalidOperationException">It can't be used.</exception>
    public static SqliteConnection Open(StoreOptions options)
    {
        var file = new SqliteConnectionStringBuilder { DataSource = options.FullPath, Pooling = false, DefaultTimeout = 1 };
        var connection = new SqliteConnection(file.ConnectionString);
        try
        {
            connection.Open();
            if (SQLitePCL.raw.sqlite3_db_readonly(connection.Handle, "main") == 1)
            {
                throw new InvalidOperationException($"Store:Path '{options.Path}' can't be used: it may not be written to.");
            }

            if (Version.Parse(connection.ServerVersion) < OldestSqlite)
            {
                throw new InvalidOperationException($"SQLite is {connection.ServerVersion}; {OldestSqlite} or later is needed.");
            }

            // The lock is for the whole life of the process: the file has one writer, and its log needs no shared memory.
            Execute(connection, $"""
                pragma locking_mode = exclusive;
                pragma journal_mode = wal;
                pragma synchronous = {options.Synchronous};
                pragma wal_autocheckpoint = 4000;
                pragma mmap_size = 0;
                """);
            Migrate(connection);
            return connection;
        }
        catch (SqliteException exception)
        {
            connection.Dispose();
            throw new InvalidOperationException($"Store:Path '{options.Path}' can't be used: {Describe(exception)}", exception);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Runs statements that give nothing.</summary>
    public static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    static void Migrate(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "pragma user_version";
        var version = Convert.ToInt32(command.ExecuteScalar(), CultureInfo.InvariantCulture);
        if (version > Steps.Length)
        {
            throw new InvalidOperationException(
                $"The file of Store:Path has version {version} of the tables; this server knows {Steps.Length}. A newer one has written it.");
        }

        if (version < Steps.Length)                        // else nothing is written: a full disk does not keep the server from reads
        {
            Execute(connection, $"begin immediate; {string.Concat(Steps.Skip(version))} pragma user_version = {Steps.Length}; commit;");
        }
    }

    static string Describe(SqliteException exception) => exception.SqliteErrorCode switch
    {
        SqliteFault.Busy or SqliteFault.Locked => "another server uses it.",
        SqliteFault.CantOpen => "it can't be opened; its folder must be there and be writable.",
        SqliteFault.NotADatabase => "it is no SQLite database.",
        SqliteFault.Full => "its disk is full.",
        _ => $"{exception.Message}",
    };
}
