using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Rnn.Bench.Load.Http;

/// <summary>
/// Reads one reply after the other out of whatever pieces arrive: status, and a body of known length or in chunks. The body
/// goes to <paramref name="events"/>, if given; that of a reply other than 2xx is kept.
/// </summary>
sealed class ReplyReader(EventReader? events = null)
{
    readonly LineReader _lines = new();
    readonly ArrayBufferWriter<byte> _error = new();
    readonly ArrayBufferWriter<byte> _tag = new(64);
    Part _part;
    bool _isChunked;
    long _left;                                            // of the body, or of its chunk

    enum Part
    {
        StatusLine,
        Headers,
        Body,
        ChunkSize,
        Chunk,
        ChunkEnd,
        Trailers,
        Complete,
    }

    public int Status { get; private set; }

    public bool IsSuccess => Status is >= 200 and < 300;

    public bool IsComplete => _part == Part.Complete;

    /// <summary>The <c>ETag</c>, with its quotes; empty if there was none.</summary>
    public ReadOnlyMemory<byte> Tag => _tag.WrittenMemory;

    public string ErrorBody => Encoding.UTF8.GetString(_error.WrittenSpan);

    /// <summary>Waits for the next reply.</summary>
    public void Begin()
    {
        _part = Part.StatusLine;
        _isChunked = false;
        _left = 0;
        _error.ResetWrittenCount();
        _tag.ResetWrittenCount();
    }

    /// <exception cref="IOException">This is not HTTP/1.1.</exception>
    public void Read(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty && !IsComplete)
        {
            if (_part is Part.Body or Part.Chunk)
            {
                data = data[TakeBody(data)..];
            }
            else if (_lines.TryRead(ref data, out var line))
            {
                _part = TakeLine(line);
            }
        }
    }

    int TakeBody(ReadOnlySpan<byte> data)
    {
        var count = (int)Math.Min(_left, data.Length);
        if (!IsSuccess)
        {
            _error.Write(data[..count]);
        }
        else
        {
            events?.Read(data[..count]);
        }

        _left -= count;
        if (_left == 0)
        {
            _part = _part == Part.Chunk ? Part.ChunkEnd : Part.Complete;
        }

        return count;
    }

    /// <returns>What follows the line.</returns>
    Part TakeLine(ReadOnlySpan<byte> line)
    {
        switch (_part)
        {
            case Part.StatusLine:
                Status = StatusOf(line);
                return Part.Headers;
            case Part.Headers when line.IsEmpty:
                return _isChunked ? Part.ChunkSize : _left > 0 ? Part.Body : Part.Complete;
            case Part.Headers:
                TakeHeader(line);
                return Part.Headers;
            case Part.ChunkSize:
                _left = Utf8Parser.TryParse(line, out long size, out _, 'x') ? size : throw NotHttp(line);
                return size > 0 ? Part.Chunk : Part.Trailers;
            case Part.ChunkEnd:
                return Part.ChunkSize;
            default:
                return line.IsEmpty ? Part.Complete : Part.Trailers;
        }
    }

    void TakeHeader(ReadOnlySpan<byte> line)
    {
        var colon = line.IndexOf((byte)':');
        var name = line[..Math.Max(colon, 0)];
        var value = line[(colon + 1)..].Trim((byte)' ');
        if (Ascii.EqualsIgnoreCase(name, "Content-Length"u8))
        {
            _left = Utf8Parser.TryParse(value, out long length, out _) ? length : throw NotHttp(line);
        }
        else if (Ascii.EqualsIgnoreCase(name, "Transfer-Encoding"u8))
        {
            _isChunked = Ascii.EqualsIgnoreCase(value, "chunked"u8);
        }
        else if (Ascii.EqualsIgnoreCase(name, "ETag"u8))
        {
            _tag.Write(value);
        }
    }

    static int StatusOf(ReadOnlySpan<byte> line) =>
        line.StartsWith("HTTP/1.1 "u8) && Utf8Parser.TryParse(line[9..], out int status, out _) ? status : throw NotHttp(line);

    static IOException NotHttp(ReadOnlySpan<byte> line) => new($"'{Encoding.UTF8.GetString(line)}' is not a line of HTTP/1.1.");
}
