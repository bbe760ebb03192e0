using System.Buffers;
using System.IO.Pipelines;

namespace Rnn.Api.Rest;

/// <summary>Reads a stream line by line. A line that is too long is passed over, and told as such.</summary>
sealed class LineReader(PipeReader reader, long maxBytes)
{
    bool _isPassing;

    /// <summary>The number of the last line, from 1.</summary>
    public long Number { get; private set; }

    /// <returns>The next line without its end, blank ones too; <see cref="Line.IsTooLong"/> says that it is not there. Null at the end.</returns>
    public async ValueTask<Line?> ReadAsync(CancellationToken aborted)
    {
        while (true)
        {
            var result = await reader.ReadAsync(aborted);
            var buffer = result.Buffer;
            var end = buffer.PositionOf((byte)'\n');
            if (end is null && !result.IsCompleted)
            {
                _isPassing |= buffer.Length > maxBytes;
                // A line that is passed over must not pile up; what is looked at and not taken is waited on.
                reader.AdvanceTo(_isPassing ? buffer.End : buffer.Start, buffer.End);
                continue;
            }

            if (end is null && buffer.IsEmpty && !_isPassing)
            {
                reader.AdvanceTo(buffer.End);
                return null;
            }

            Number++;
            var line = end is null ? buffer : buffer.Slice(0, end.Value);
            var isTooLong = _isPassing || line.Length > maxBytes;
            var bytes = isTooLong ? [] : line.ToArray();
            _isPassing = false;
            reader.AdvanceTo(end is null ? buffer.End : buffer.GetPosition(1, end.Value));
            return new(Number, bytes, isTooLong);
        }
    }
}

/// <summary>A line of a stream.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Bytes">What stands in it.</param>
/// <param name="IsTooLong">Whether it is longer than a line may be; then its bytes are not there.</param>
readonly record struct Line(long Number, byte[] Bytes, bool IsTooLong);
