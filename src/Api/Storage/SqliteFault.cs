using Microsoft.Data.Sqlite;
using Rnn.Engine;

namespace Rnn.Api.Storage;

/// <summary>What SQLite's error codes mean to a caller.</summary>
static class SqliteFault
{
    public const int Busy = 5;
    public const int Locked = 6;
    public const int ReadOnly = 8;
    public const int Full = 13;
    public const int CantOpen = 14;
    public const int NotADatabase = 26;

    /// <summary>What the caller is told. The change was not made.</summary>
    public static EngineException Of(SqliteException exception) => exception.SqliteErrorCode switch
    {
        Full => new(ErrorKind.StoreFull, "The disk of the sessions' store is full. The change was not made."),
        ReadOnly => new(ErrorKind.StoreFull, "The sessions' store may not be written to. The change was not made."),
        _ => new(ErrorKind.StoreUnavailable, $"The sessions' store can't be used at the moment (SQLite error {exception.SqliteErrorCode}). The change was not made."),
    };
}
