namespace Rnn.Engine.Formats.Hdf5;

/// <summary>How the values of a dataset are stored. Source: section IV.A.2.i, versions 3 and 4.</summary>
abstract record DataLayout
{
    const int Compact = 0;
    const int Contiguous = 1;
    const int Chunked = 2;
    const int Virtual = 3;

    public static DataLayout Parse(ByteCursor cursor)
    {
        var version = cursor.ExpectVersion(3, 4);
        return cursor.Byte() switch
        {
            Compact => new CompactLayout(cursor.Take(cursor.UInt16())),
            Contiguous => new ContiguousLayout(cursor.Address(), cursor.Length()),
            Chunked => ChunkedLayout.Parse(cursor, version),
            Virtual => throw cursor.Refuse("makes it a virtual dataset, with values in other datasets or files; only values of this file are read."),
            var kind => throw cursor.Refuse($"has class {kind}; compact, contiguous and chunked values are read."),
        };
    }
}

/// <summary>Values in the object's header.</summary>
/// <param name="Values">The values.</param>
sealed record CompactLayout(ReadOnlyMemory<byte> Values) : DataLayout;

/// <summary>Values one after the other in one place.</summary>
/// <param name="Address">Where, or <see cref="FileSpace.Undefined"/> if none was written.</param>
/// <param name="Length">How many bytes.</param>
sealed record ContiguousLayout(long Address, long Length) : DataLayout;
