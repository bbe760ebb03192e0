using System.ComponentModel.DataAnnotations;

namespace Rnn.Api;

/// <summary>What keeps the sessions.</summary>
public sealed class StoreOptions
{
    /// <summary>Memory, Sqlite or Redis.</summary>
    public StoreKind Kind { get; init; } = StoreKind.Memory;

    /// <summary>The SQLite file; a relative path starts at the program's own folder.</summary>
    [Required]
    public string Path { get; init; } = "sessions.db";

    /// <summary>
    /// When SQLite tells the disk to write: Full before each reply, so that an acknowledged step survives a loss of power; Normal
    /// at checkpoints, so that the last ones may not, while a crash of the process loses nothing either.
    /// </summary>
    public Synchronous Synchronous { get; init; } = Synchronous.Full;

    /// <summary>
    /// So many bytes of the SQLite file's disk are left for what frees room: where fewer are free, no session is created or made larger, and
    /// steps and deletions go on. With none left SQLite can neither free nor write anything; its log alone needs 32 MiB.
    /// </summary>
    [Range(0, 1L << 60)]
    public long DiskReserve { get; init; } = 64L << 20;

    /// <summary>How to reach Redis or Valkey, as StackExchange.Redis writes it: hosts with ports, then options.</summary>
    [Required]
    public string Redis { get; init; } = "localhost:6379";

    /// <summary>What all keys in Redis begin with. Servers of the same prefix share their sessions.</summary>
    [Required]
    public string KeyPrefix { get; init; } = "rnn:";

    /// <summary>How long a call waits for Redis to come back before it is answered 503.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan RetryFor { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The SQLite file as an absolute path.</summary>
    public string FullPath => System.IO.Path.Combine(AppContext.BaseDirectory, Path);
}

/// <summary>The stores that there are.</summary>
public enum StoreKind
{
    /// <summary>The memory of this process; gone with it.</summary>
    Memory,

    /// <summary>A file, for one process.</summary>
    Sqlite,

    /// <summary>Redis or Valkey, for any number of processes.</summary>
    Redis,
}

/// <summary>When SQLite tells the disk to write.</summary>
public enum Synchronous
{
    /// <summary>At checkpoints.</summary>
    Normal,

    /// <summary>Before each reply.</summary>
    Full,
}
