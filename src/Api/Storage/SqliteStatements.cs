using Microsoft.Data.Sqlite;
using Rnn.Engine.Sessions;

namespace Rnn.Api.Storage;

/// <summary>What is asked of the table of sessions. Prepared once; for the queue's thread only.</summary>
sealed class SqliteStatements : IDisposable
{
    const string TagSeparator = "\n";

    readonly SqliteCommand _find;
    readonly SqliteCommand _move;
    readonly SqliteCommand _replace;
    readonly SqliteCommand _insert;
    readonly SqliteCommand _list;
    readonly SqliteCommand _measure;
    readonly SqliteCommand _waking;
    readonly SqliteCommand _putOff;
    readonly SqliteCommand _forget;
    readonly SqliteCommand _probe;
    readonly SqliteCommand _unused;

    public SqliteStatements(SqliteConnection connection)
    {
        _find = Prepare("select id, stamp, record from session where id = $id", "$id");
        _move = Prepare(
            """
            update session set stamp = $stamp, record = $record
            where id = $id and stamp = $replaced and ended = 0 and model = $model and tags = $tags
            """,
            "$stamp", "$record", "$id", "$replaced", "$model", "$tags");
        _replace = Prepare(
            """
            update session set stamp = $stamp, record = $record, model = $model, tags = $tags, ended = $ended, wakes = $wakes
            where id = $id and stamp = $replaced
            """,
            "$stamp", "$record", "$id", "$replaced", "$model", "$tags", "$ended", "$wakes");
        _insert = Prepare(
            """
            insert into session (stamp, record, id, model, tags, ended, wakes)
            values ($stamp, $record, $id, $model, $tags, $ended, $wakes) on conflict do nothing
            """,
            "$stamp", "$record", "$id", "$model", "$tags", "$ended", "$wakes");
        _list = Prepare(
            """
            select id, stamp, record from session
            where id > $after and ($end = '' or id < $end) and ended = 0 and ($model = '' or model = $model) and ($tag = '' or instr(tags, $tag) > 0)
            order by id limit $limit
            """,
            "$after", "$end", "$model", "$tag", "$limit");
        _measure = Prepare(
            """
            select coalesce(sum(sessions), 0), coalesce(sum(bytes), 0), (select length(record) from session where id = $id and ended = 0)
            from owner where name = $owner
            """,
            "$owner", "$id");
        _waking = Prepare("select id, stamp, record from session where wakes <= $now order by wakes limit $limit", "$now", "$limit");
        _putOff = Prepare("update session set wakes = $wakes where id = $id and stamp = $stamp", "$wakes", "$id", "$stamp");
        _forget = Prepare("delete from session where id = $id and stamp = $stamp", "$id", "$stamp");
        _probe = Prepare("select count(*) from (select 1 from session limit 1)");
        _unused = Prepare("select freelist_count * page_size from pragma_freelist_count, pragma_page_size");

        SqliteCommand Prepare(string sql, params string[] parameters)
        {
            var command = connection.CreateCommand();
            command.CommandText = sql;
            foreach (var parameter in parameters)
            {
                command.Parameters.Add(new SqliteParameter(parameter, parameter switch
                {
                    "$record" => SqliteType.Blob,
                    "$id" or "$model" or "$tags" or "$after" or "$end" or "$tag" or "$owner" => SqliteType.Text,
                    _ => SqliteType.Integer,
                }));
            }

            command.Prepare();
            return command;
        }
    }

    public SqliteRow? Find(string key) => Rows(Bind(_find, key)).SingleOrDefault();

    /// <summary>Writes a record in place of the one with a stamp.</summary>
    /// <param name="record">The record.</param>
    /// <param name="bytes">Its bytes.</param>
    /// <param name="replaced">That stamp; 0 if there must be none.</param>
    /// <param name="wakes">When the sweep is to look at it.</param>
    /// <returns>Whether that one was there.</returns>
    public bool Replace(SessionRecord record, byte[] bytes, long replaced, DateTimeOffset wakes)
    {
        var tags = record.Tags is [] ? "" : $"{TagSeparator}{string.Join(TagSeparator, record.Tags)}{TagSeparator}";
        if (replaced != 0 && record.Ended is null && Bind(_move, record.Stamp, bytes, record.Key, replaced, record.Model, tags).ExecuteNonQuery() == 1)
        {
            return true;                                   // of a session that lives on nothing else changes; but it may be created anew
        }

        var isEnded = record.Ended is null ? 0 : 1;
        var command = replaced == 0
            ? Bind(_insert, record.Stamp, bytes, record.Key, record.Model, tags, isEnded, wakes.UtcTicks)
            : Bind(_replace, record.Stamp, bytes, record.Key, replaced, record.Model, tags, isEnded, wakes.UtcTicks);
        return command.ExecuteNonQuery() == 1;
    }

    /// <summary>The next rows of a page, of which some may be expired.</summary>
    public List<SqliteRow> List(SessionQuery query, string after, int limit) => Rows(Bind(
        _list, after, query.EndKey ?? "", query.Model ?? "", query.Tag is null ? "" : $"{TagSeparator}{query.Tag}{TagSeparator}", limit));

    /// <summary>What the sessions of an owner take that have not ended.</summary>
    /// <param name="owner">The owner.</param>
    /// <param name="key">One of his sessions.</param>
    /// <returns>Them all, and the bytes of that one; null if there is none.</returns>
    public (OwnerUsage All, long? Of) Measure(string owner, string key)
    {
        using var reader = Bind(_measure, owner, key).ExecuteReader();
        reader.Read();
        return (new(reader.GetInt64(0), reader.GetInt64(1)), reader.IsDBNull(2) ? null : reader.GetInt64(2));
    }

    /// <summary>The rows that the sweep is to look at.</summary>
    public List<SqliteRow> Waking(long now, int limit) => Rows(Bind(_waking, now, limit));

    public bool PutOff(string key, long stamp, DateTimeOffset wakes) => Bind(_putOff, wakes.UtcTicks, key, stamp).ExecuteNonQuery() == 1;

    public bool Forget(string key, long stamp) => Bind(_forget, key, stamp).ExecuteNonQuery() == 1;

    public bool Probe() => _probe.ExecuteScalar() is not null;

    /// <summary>Bytes of the file that hold nothing any more, and are written before it grows.</summary>
    public long Unused() => (long)_unused.ExecuteScalar()!;

    public void Dispose()
    {
        foreach (var command in new[] { _find, _move, _replace, _insert, _list, _measure, _waking, _putOff, _forget, _probe, _unused })
        {
            command.Dispose();
        }
    }

    static SqliteCommand Bind(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i];
        }

        return command;
    }

    static List<SqliteRow> Rows(SqliteCommand command)
    {
        var rows = new List<SqliteRow>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            rows.Add(new(reader.GetString(0), reader.GetInt64(1), reader.GetFieldValue<byte[]>(2)));
        }

        return rows;
    }
}
