namespace Rnn.Engine.Formats.Hdf5;

/// <summary>How many values there are, and in which dimensions. Source: section IV.A.2.b.</summary>
/// <param name="Shape">The length of each dimension; empty for a single value.</param>
/// <param name="IsNull">Whether there is no value at all.</param>
/// <param name="CanGrow">Whether the dimensions may become larger.</param>
sealed record Dataspace(long[] Shape, bool IsNull, bool CanGrow)
{
    const int MaxRank = 32;
    const int NullSpace = 2;

    /// <summary>The number of values; at most 2^127, which stands for anything above.</summary>
    public Int128 Count { get; } = IsNull ? 0 : Product(Shape);

    public static Dataspace Parse(ByteCursor cursor)
    {
        var version = cursor.ExpectVersion(1, 2);
        var (rank, flags, kind) = (cursor.Byte(), cursor.Byte(), cursor.Byte());
        if (rank > MaxRank)
        {
            throw cursor.Refuse($"has {rank} dimensions; at most {MaxRank} are read.");
        }

        cursor.Skip(version == 1 ? 4 : 0);
        var shape = new long[rank];
        for (var i = 0; i < rank; i++)
        {
            shape[i] = cursor.Length();
        }

        var canGrow = false;
        for (var i = 0; i < rank && (flags & 1) != 0; i++)
        {
            canGrow |= cursor.Address() != shape[i];
        }

        return new Dataspace(shape, version == 2 && kind == NullSpace, canGrow);
    }

    static Int128 Product(long[] shape)
    {
        // A zero anywhere makes it zero, however large the others are.
        Int128 count = shape.Contains(0) ? 0 : 1;
        foreach (var size in shape)
        {
            count = count > Int128.MaxValue / Math.Max(1, size) ? Int128.MaxValue : count * size;
        }

        return count;
    }
}
