namespace Rnn.Engine.Formats.Hdf5;

/// <summary>What a leaf of a tree points at.</summary>
/// <param name="Key">The key before it.</param>
/// <param name="Address">Its address.</param>
readonly record struct TreeEntry(ReadOnlyMemory<byte> Key, long Address);

/// <summary>The older B-tree, which indexes the links of a group or the chunks of a dataset. Source: section III.A.1.</summary>
static class BTree1
{
    public const int Groups = 0;
    public const int Chunks = 1;

    const int HeadBytes = 24;

    /// <summary>The entries of all leaves, in order; none if there is no tree.</summary>
    public static List<TreeEntry> Leaves(FileSpace space, Place place, long address, int type, int keyBytes)
    {
        var leaves = new List<TreeEntry>();
        if (address != FileSpace.Undefined)
        {
            Collect(space, place, new Tree(type, keyBytes, leaves), address, null);
        }

        return leaves;
    }

    // Each level is one below its parent's, of at most 255: the recursion ends, however the nodes point at each other.
    static void Collect(FileSpace space, Place place, Tree tree, long address, int? expectedLevel)
    {
        var head = space.Structure(place, address, HeadBytes, "B-tree node");
        head.ExpectSignature("TREE"u8);
        var (type, level, count) = (head.Byte(), head.Byte(), head.UInt16());
        if (type != tree.Type || level != (expectedLevel ?? level))
        {
            throw head.Refuse($"at {address} has type {type} and level {level}; type {tree.Type} and level {expectedLevel ?? level} belong there.");
        }

        var entries = space.Structure(place, address + HeadBytes, (long)count * (tree.KeyBytes + 8), "B-tree node");
        for (var i = 0; i < count; i++)
        {
            var entry = new TreeEntry(entries.Take(tree.KeyBytes), entries.Address());
            if (level == 0)
            {
                tree.Leaves.Add(entry);
            }
            else
            {
                Collect(space, place, tree, entry.Address, level - 1);
            }
        }
    }

    sealed record Tree(int Type, int KeyBytes, List<TreeEntry> Leaves);
}
