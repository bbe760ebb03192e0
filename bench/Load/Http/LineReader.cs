using System.Buffers;

namespace Rnn.Bench.Load.Http;

/// <summary>Lines out of pieces that end anywhere.</summary>
sealed class LineReader
{
    readonly ArrayBufferWriter<byte> _begun = new(256);

    /// <summary>Takes the next line from <paramref name="data"/>; all of it, if the line goes on in the next piece.</summary>
    /// <param name="data">What is left of the piece.</param>
    /// <param name="line">The line without its end; until the next call.</param>
    public bool TryRead(ref ReadOnlySpan<byte> data, out ReadOnlySpan<byte> line)
    {
        var end = data.IndexOf((byte)'\n');
        if (end < 0)
        {
            _begun.Write(data);
            data = line = default;
            return false;
        }

        line = data[..end];
        data = data[(end + 1)..];
        if (_begun.WrittenCount > 0)
        {
            _begun.Write(line);
            line = _begun.WrittenSpan;
            _begun.ResetWrittenCount();                    // leaves the bytes where they are
        }

        line = line.TrimEnd((byte)'\r');
        return true;
    }
}
