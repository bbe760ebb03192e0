namespace Rnn.Engine.Formats.Hdf5;

/// <summary>
/// The attributes of an object, which lie in its header or, if they are many or long, in a heap with an index over it.
/// Source: section IV.A.2.v (attribute info).
/// </summary>
sealed class AttributeTable
{
    const int HeapIdBytes = 8;
    const int NameIndex = 8;
    const int NameRecordBytes = HeapIdBytes + 9;

    readonly FileSpace _space;
    readonly Place _place;
    readonly Dictionary<string, TextAttribute> _attributes = new(StringComparer.Ordinal);

    public AttributeTable(FileSpace space, Place place, ObjectHeader header)
    {
        _space = space;
        _place = place;
        foreach (var attribute in header.All(MessageType.Attribute))
        {
            Add(attribute);
        }

        if (header.Find(MessageType.AttributeInfo) is { } info)
        {
            AddFromHeap(info);
        }
    }

    /// <summary>The one string of an attribute, or null if there is no such attribute or it has no value.</summary>
    public string? Text(string name)
    {
        if (!_attributes.TryGetValue(name, out var attribute) || attribute.IsNull)
        {
            return null;
        }

        return attribute.Strings is [var text]
            ? text
            : throw _space.Refuse(_place, $"attribute '{name}' has {attribute.Strings.Count} strings; one was expected.");
    }

    /// <summary>The strings of an attribute, or null if there is no such attribute.</summary>
    public IReadOnlyList<string>? Texts(string name) => _attributes.GetValueOrDefault(name)?.Strings;

    void AddFromHeap(ByteCursor info)
    {
        info.ExpectVersion(0, 0);
        info.Skip((info.Byte() & 1) != 0 ? 2 : 0);
        var (heapAddress, indexAddress) = (info.Address(), info.Address());
        if (heapAddress == FileSpace.Undefined)
        {
            return;
        }

        var heap = new FractalHeap(_space, _place, heapAddress);
        foreach (var record in BTree2.Records(_space, _place, indexAddress, NameIndex, NameRecordBytes))
        {
            Add(new ByteCursor(_space, _place, "Attribute message", heap.Object(record[..HeapIdBytes])));
        }
    }

    void Add(ByteCursor message)
    {
        _space.CountObjects(_place, 1);
        var attribute = new TextAttribute(_space, _place, message);
        if (!_attributes.TryAdd(attribute.Name, attribute))
        {
            throw _space.Refuse(_place, $"it has two attributes '{attribute.Name}'.");
        }
    }
}
