namespace Rnn.Engine.Formats.Hdf5;

/// <summary>Values that are strings, each in place or in the global heap.</summary>
static class TextValues
{
    /// <summary>Reads <paramref name="count"/> strings; <paramref name="what"/> names whose they are.</summary>
    public static string[] Read(FileSpace space, Place place, string what, Datatype type, Int128 count, ReadOnlyMemory<byte> bytes)
    {
        if (type.Bytes == 0 || Int128.Min(count, int.MaxValue) * type.Bytes > bytes.Length)
        {
            throw space.Refuse(place, $"the {what} claims {count} strings of {type.Bytes} bytes; it has {bytes.Length} bytes.");
        }

        var cursor = new ByteCursor(space, place, what, bytes);
        var texts = new string[(int)count];
        for (var i = 0; i < texts.Length; i++)
        {
            var value = cursor.Take(type.Bytes);
            texts[i] = cursor.Text(type.IsVariableText ? InHeap(space, place, what, value) : InPlace(type, value));
        }

        return texts;
    }

    static ReadOnlyMemory<byte> InHeap(FileSpace space, Place place, string what, ReadOnlyMemory<byte> reference)
    {
        var cursor = new ByteCursor(space, place, what, reference);
        var (length, collection, index) = (cursor.UInt32(), cursor.Address(), cursor.UInt32());
        if (length == 0)
        {
            return default;
        }

        var text = space.Heap.Object(place, collection, index);
        if (length > text.Length)
        {
            throw cursor.Refuse($"claims a string of {length} bytes; the global heap has {text.Length} there.");
        }

        // Many may refer to the same long one.
        space.Spend(place, length);
        return text[..(int)length].TrimEnd((byte)0);
    }

    static ReadOnlyMemory<byte> InPlace(Datatype type, ReadOnlyMemory<byte> value)
    {
        var end = value.Span.IndexOf((byte)0);
        return type.Padding switch
        {
            0 => end < 0 ? value : value[..end],
            1 => value.TrimEnd((byte)0),
            _ => value.TrimEnd((byte)' '),
        };
    }
}
