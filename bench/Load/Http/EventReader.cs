using System.Text;

namespace Rnn.Bench.Load.Http;

/// <summary>Reads server-sent events: one without a type is a timestep; <c>end</c> and <c>error</c> have one.</summary>
/// <param name="onTimestep">Called for each timestep.</param>
sealed class EventReader(Action onTimestep)
{
    readonly LineReader _lines = new();
    bool _isTyped;
    bool _isError;
    string? _error;

    public void Read(ReadOnlySpan<byte> data)
    {
        while (_lines.TryRead(ref data, out var line))
        {
            if (line.IsEmpty)
            {
                _isTyped = _isError = false;
            }
            else if (line.StartsWith("event:"u8))
            {
                _isTyped = true;
                _isError = line.EndsWith("error"u8);
            }
            else if (line.StartsWith("data:"u8))
            {
                TakeData(line);
            }
        }
    }

    /// <returns>What an event of type <c>error</c> said since the last call.</returns>
    public string? TakeError()
    {
        var error = _error;
        _error = null;
        return error;
    }

    void TakeData(ReadOnlySpan<byte> line)
    {
        if (!_isTyped)
        {
            onTimestep();
        }
        else if (_isError)
        {
            _error = Encoding.UTF8.GetString(line);
        }
    }
}
