using CsCheck;

namespace Rnn.Api.Tests.Fuzz;

/// <summary>One value of each of several generators.</summary>
sealed class Each<T>(IReadOnlyList<Gen<T>> parts) : Gen<T[]>
{
    public override T[] Generate(PCG pcg, Size? min, out Size size)
    {
        size = new Size(0);
        var values = new T[parts.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = parts[i].Generate(pcg, null, out var part);
            size = new Size(size.I + part.I);
        }

        return values;
    }
}
