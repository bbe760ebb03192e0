namespace Rnn.Engine.Formats.Hdf5;

/// <summary>The messages of a header that are read; the file holds others, which say nothing of values or names.</summary>
enum MessageType
{
    Dataspace = 0x01,
    LinkInfo = 0x02,
    Datatype = 0x03,
    FillValue = 0x05,
    Link = 0x06,
    ExternalFiles = 0x07,
    Layout = 0x08,
    GroupInfo = 0x0A,
    Filters = 0x0B,
    Attribute = 0x0C,
    Continuation = 0x10,
    SymbolTable = 0x11,
    AttributeInfo = 0x15,
}

/// <summary>
/// What an object says of itself: a list of messages, in one block or in several. Source: section IV.A.1, versions 1 and 2.
/// Checksums are not compared: they guard against accidents of storage, and the numbers are checked anyway.
/// </summary>
sealed class ObjectHeader
{
    const int ChecksumBytes = 4;
    const int SharedFlag = 2;

    readonly FileSpace _space;
    readonly Place _place;
    readonly List<(MessageType Type, bool Shared, ReadOnlyMemory<byte> Bytes)> _messages = [];
    readonly Queue<(long Address, long Length)> _continuations = [];

    /// <summary>Reads the header at a place.</summary>
    public ObjectHeader(FileSpace space, Place place)
    {
        _space = space;
        _place = place;
        var signature = space.Bytes(place, place.Address, 4, "object header");
        if (signature.Span.SequenceEqual("OHDR"u8))
        {
            ReadVersion2();
        }
        else
        {
            ReadVersion1();
        }
    }

    public bool Has(MessageType type) => _messages.Exists(message => message.Type == type);

    /// <summary>The first message of a type, or null.</summary>
    public ByteCursor? Find(MessageType type) => All(type).FirstOrDefault();

    /// <summary>The first message of a type, which the object can't be read without.</summary>
    public ByteCursor Need(MessageType type) =>
        Find(type) ?? throw _space.Refuse(_place, $"the object header has no {type} message.");

    /// <summary>All messages of a type, in order.</summary>
    public IEnumerable<ByteCursor> All(MessageType type)
    {
        foreach (var message in _messages.Where(message => message.Type == type))
        {
            if (message.Shared)
            {
                throw _space.Refuse(_place, $"its {type} message is shared with other objects, which is not read.");
            }

            yield return new ByteCursor(_space, _place, $"{type} message", message.Bytes);
        }
    }

    void ReadVersion1()
    {
        var header = _space.Structure(_place, _place.Address, 16, "object header");
        header.ExpectVersion(1, 1);
        header.Skip(7);
        _continuations.Enqueue((_place.Address + 16, header.UInt32()));
        while (_continuations.TryDequeue(out var block))
        {
            var cursor = _space.Structure(_place, block.Address, block.Length, "object header");
            while (cursor.Left >= 8)
            {
                var (type, size, flags) = (cursor.UInt16(), cursor.UInt16(), cursor.Byte());
                cursor.Skip(3);
                Add(type, flags, cursor.Take(size));
            }
        }
    }

    void ReadVersion2()
    {
        var prefix = _space.Structure(_place, _place.Address, 6, "object header");
        prefix.Skip(4);
        prefix.ExpectVersion(2, 2);
        var flags = prefix.Byte();

        var sizeBytes = 1 << (flags & 3);
        var optional = ((flags & 0x20) != 0 ? 16 : 0) + ((flags & 0x10) != 0 ? 4 : 0);
        var sizes = _space.Structure(_place, _place.Address + 6, optional + sizeBytes, "object header");
        sizes.Skip(optional);
        var messageBytes = sizes.Unsigned(sizeBytes);

        var orderBytes = (flags & 4) != 0 ? 2 : 0;
        ReadMessages(_space.Structure(_place, _place.Address + 6 + optional + sizeBytes, messageBytes, "object header"), orderBytes);
        while (_continuations.TryDequeue(out var block))
        {
            var cursor = _space.Structure(_place, block.Address, block.Length, "object header's continuation");
            cursor.ExpectSignature("OCHK"u8);
            ReadMessages(new ByteCursor(_space, _place, "object header's continuation", cursor.Take(cursor.Left - ChecksumBytes)), orderBytes);
        }
    }

    void ReadMessages(ByteCursor cursor, int orderBytes)
    {
        while (cursor.Left >= 4 + orderBytes)
        {
            var (type, size, flags) = (cursor.Byte(), cursor.UInt16(), cursor.Byte());
            cursor.Skip(orderBytes);
            Add(type, flags, cursor.Take(size));
        }
    }

    void Add(int type, int flags, ReadOnlyMemory<byte> bytes)
    {
        if (!Enum.IsDefined((MessageType)type))
        {
            return;
        }

        if (type == (int)MessageType.Continuation)
        {
            var cursor = new ByteCursor(_space, _place, "Continuation message", bytes);
            _continuations.Enqueue((cursor.Address(), cursor.Length()));
            return;
        }

        _messages.Add(((MessageType)type, (flags & SharedFlag) != 0, bytes));
    }
}
