namespace Rnn.Engine.Formats.Onnx;

/// <summary>
/// The numbers that a reading may hold. A constant can be used by any number of nodes, each of which makes weights of it, so
/// the file's size alone bounds nothing.
/// </summary>
sealed class Allowance(string file, int fileBytes)
{
    const int Spare = 1 << 18;
    long _left = 2L * fileBytes + Spare;

    /// <summary>An array of <paramref name="length"/> numbers, taken from what is left.</summary>
    /// <exception cref="EngineException">It is more than what is left.</exception>
    public float[] Array(long length)
    {
        Take(length);
        return new float[length];
    }

    /// <summary>Takes <paramref name="length"/> numbers from what is left.</summary>
    /// <exception cref="EngineException">It is more than what is left.</exception>
    public void Take(long length)
    {
        if (length > _left)
        {
            throw EngineException.Model(
                $"{file}: makes weights many times its own size; at most 8 bytes of weights are made for each of its {fileBytes} bytes.");
        }

        _left -= length;
    }
}
