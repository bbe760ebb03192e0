using Microsoft.Data.Sqlite;

namespace Rnn.Api.Tests.Faults;

/// <summary>A database for the sessions of one test.</summary>
sealed class SqliteFile : IDisposable
{
    readonly DirectoryInfo? _own;
    readonly string _path;

    /// <summary>In a folder of its own.</summary>
    public SqliteFile()
    {
        _own = Directory.CreateTempSubdirectory("rnn-sqlite-");
        _path = Path.Combine(_own.FullName, "sessions.db");
    }

    /// <param name="folder">A folder that is there.</param>
    public SqliteFile(string folder) => _path = Path.Combine(folder, "sessions.db");

    /// <summary>The settings of a server that keeps its sessions here.</summary>
    public string[] Settings => ["Store:Kind=Sqlite", $"Store:Path={_path}"];

    /// <summary>What SQLite finds wrong with the file; "ok" if nothing.</summary>
    public string Check()
    {
        using var connection = new SqliteConnection($"Data Source={_path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA integrity_check";
        return (string)command.ExecuteScalar()!;
    }

    public void Dispose() => _own?.Delete(recursive: true);
}
