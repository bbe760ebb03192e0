namespace Rnn.Engine.Formats.Hdf5;

/// <summary>
/// One attribute. Only its name is read at first, and the rest when it is asked for: an attribute of a type that is not read
/// harms nobody who does not want it. Source: section IV.A.2.m, versions 1 to 3.
/// </summary>
sealed class TextAttribute
{
    const int SharedParts = 3;

    readonly FileSpace _space;
    readonly Place _place;
    readonly bool _isShared;
    readonly ReadOnlyMemory<byte> _type;
    readonly ReadOnlyMemory<byte> _shape;
    readonly ReadOnlyMemory<byte> _values;
    string[]? _strings;

    public TextAttribute(FileSpace space, Place place, ByteCursor message)
    {
        _space = space;
        _place = place;
        var version = message.ExpectVersion(1, 3);
        var flags = message.Byte();
        _isShared = version > 1 && (flags & SharedParts) != 0;
        var (nameBytes, typeBytes, shapeBytes) = (message.UInt16(), message.UInt16(), message.UInt16());
        message.Skip(version == 3 ? 1 : 0);
        Name = message.Text(Part(message, version, nameBytes).TrimEnd((byte)0));
        _type = Part(message, version, typeBytes);
        _shape = Part(message, version, shapeBytes);
        _values = message.Take(message.Left);
    }

    public string Name { get; }

    /// <summary>Whether it has neither a value nor an array of none.</summary>
    public bool IsNull => Shape().IsNull;

    /// <summary>Its strings in order. An empty array may be of any type: that of a list without elements is a float.</summary>
    public IReadOnlyList<string> Strings => _strings ??= Read();

    string What => $"attribute '{Name}'";

    // Version 1 pads each part to a multiple of 8 bytes.
    static ReadOnlyMemory<byte> Part(ByteCursor message, int version, int bytes)
    {
        var part = message.Take(bytes);
        message.Skip(version == 1 ? Math.Min((8 - bytes % 8) % 8, message.Left) : 0);
        return part;
    }

    Dataspace Shape() => Dataspace.Parse(Cursor(_shape));

    string[] Read()
    {
        var count = Shape().Count;
        if (count == 0)
        {
            return [];
        }

        var type = Datatype.Parse(Cursor(_type));
        return type.IsText
            ? TextValues.Read(_space, _place, What, type, count, _values)
            : throw _space.Refuse(_place, $"{What} is of type {type}; text was expected.");
    }

    ByteCursor Cursor(ReadOnlyMemory<byte> part) => _isShared
        ? throw _space.Refuse(_place, $"{What} has a type or shape that is shared with other objects, which is not read.")
        : new ByteCursor(_space, _place, What, part);
}
