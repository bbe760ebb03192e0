namespace Rnn.Engine.Formats.Hdf5;

/// <summary>
/// The links of a group of the old style: a B-tree of nodes that give each name's place in a heap of text.
/// Source: sections III.B (symbol table), III.D (local heap).
/// </summary>
static class SymbolTable
{
    const int EntryBytes = 40;
    const int SoftLink = 2;

    public static IEnumerable<Link> Links(FileSpace space, Place place, ByteCursor message)
    {
        var (treeAddress, heapAddress) = (message.Address(), message.Address());
        var heap = space.Structure(place, heapAddress, 32, "local heap");
        heap.ExpectSignature("HEAP"u8);
        heap.ExpectVersion(0, 0);
        heap.Skip(3);
        var size = heap.Length();
        heap.Skip(8);
        var names = space.Bytes(place, heap.Address(), size, "local heap");

        foreach (var leaf in BTree1.Leaves(space, place, treeAddress, BTree1.Groups, keyBytes: 8))
        {
            foreach (var link in Node(space, place, leaf.Address, names))
            {
                yield return link;
            }
        }
    }

    static IEnumerable<Link> Node(FileSpace space, Place place, long address, ReadOnlyMemory<byte> names)
    {
        var head = space.Structure(place, address, 8, "symbol table node");
        head.ExpectSignature("SNOD"u8);
        head.ExpectVersion(1, 1);
        head.Skip(1);
        var count = head.UInt16();
        var entries = space.Structure(place, address + 8, (long)count * EntryBytes, "symbol table node");
        for (var i = 0; i < count; i++)
        {
            var name = entries.Text(NameAt(space, place, names, entries.Address()));
            var header = entries.Address();
            var kind = entries.UInt32();
            entries.Skip(20);
            yield return new Link(name, header, kind == SoftLink ? "a soft link" : null);
        }
    }

    static ReadOnlyMemory<byte> NameAt(FileSpace space, Place place, ReadOnlyMemory<byte> names, long offset)
    {
        var length = offset >= 0 && offset < names.Length ? names.Span[(int)offset..].IndexOf((byte)0) : -1;
        if (length < 0)
        {
            throw space.Refuse(place, $"a link's name at byte {offset} of the local heap does not end within its {names.Length} bytes.");
        }

        // Two links may claim the same long name.
        space.Spend(place, length);
        return names.Slice((int)offset, length);
    }
}
