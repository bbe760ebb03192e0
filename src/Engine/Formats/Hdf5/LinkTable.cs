namespace Rnn.Engine.Formats.Hdf5;

/// <summary>A name in a group.</summary>
/// <param name="Name">The name, any text.</param>
/// <param name="Address">The header of the object it leads to.</param>
/// <param name="Elsewhere">What kind of link it is if it is not a hard one; it is then not followed.</param>
sealed record Link(string Name, long Address, string? Elsewhere);

/// <summary>
/// The links of a group, which lie in its header, in a heap with an index over it, or, the old way, in a symbol table.
/// Source: sections IV.A.2.c (link info), IV.A.2.g (link).
/// </summary>
static class LinkTable
{
    const int HeapIdBytes = 7;
    const int NameIndex = 5;

    public static SortedDictionary<string, Link> Read(FileSpace space, Place place, ObjectHeader header)
    {
        var links = new SortedDictionary<string, Link>(StringComparer.Ordinal);
        foreach (var link in All(space, place, header))
        {
            space.CountObjects(place, 1);
            if (!links.TryAdd(link.Name, link))
            {
                throw space.Refuse(place, $"it has two links '{link.Name}'.");
            }
        }

        return links;
    }

    static IEnumerable<Link> All(FileSpace space, Place place, ObjectHeader header)
    {
        if (header.Find(MessageType.SymbolTable) is { } table)
        {
            return SymbolTable.Links(space, place, table);
        }

        var links = header.All(MessageType.Link).Select(Parse);
        return header.Find(MessageType.LinkInfo) is { } info ? links.Concat(InHeap(space, place, info)) : links;
    }

    static IEnumerable<Link> InHeap(FileSpace space, Place place, ByteCursor info)
    {
        info.ExpectVersion(0, 0);
        info.Skip((info.Byte() & 1) != 0 ? 8 : 0);
        var (heapAddress, indexAddress) = (info.Address(), info.Address());
        if (heapAddress == FileSpace.Undefined)
        {
            yield break;
        }

        var heap = new FractalHeap(space, place, heapAddress);
        foreach (var record in BTree2.Records(space, place, indexAddress, NameIndex, 4 + HeapIdBytes))
        {
            yield return Parse(new ByteCursor(space, place, "Link message", heap.Object(record[4..])));
        }
    }

    static Link Parse(ByteCursor cursor)
    {
        cursor.ExpectVersion(1, 1);
        var flags = cursor.Byte();
        var kind = (flags & 8) != 0 ? cursor.Byte() : 0;
        cursor.Skip(((flags & 4) != 0 ? 8 : 0) + ((flags & 16) != 0 ? 1 : 0));
        var name = cursor.Text(cursor.Take(cursor.Unsigned(1 << (flags & 3))));
        return kind switch
        {
            0 => new Link(name, cursor.Address(), null),
            1 => new Link(name, FileSpace.Undefined, "a soft link"),
            64 => new Link(name, FileSpace.Undefined, "an external link, to another file"),
            _ => new Link(name, FileSpace.Undefined, $"a user-defined link (type {kind})"),
        };
    }
}
