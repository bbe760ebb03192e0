using Rnn.Engine;

namespace Rnn.Api.Storage;

/// <summary>What must stay free of a file's disk.</summary>
/// <param name="path">The file.</param>
/// <param name="bytes">How much.</param>
sealed class DiskReserve(string path, long bytes)
{
    readonly DriveInfo _disk = new(Path.GetDirectoryName(path)!);

    /// <summary>Why nothing more may be put into the file; null if it may.</summary>
    /// <param name="unused">Bytes within the file that hold nothing any more; asked only where the disk alone has not enough.</param>
    public EngineException? Refusal(Func<long> unused) => bytes > 0 && _disk.AvailableFreeSpace is var free && free < bytes && free + unused() < bytes
        ? new(ErrorKind.StoreFull, $"The disk of the sessions' store has fewer than {bytes} bytes free (Store:DiskReserve), which are left for what frees room. The change was not made.")
        : null;
}
