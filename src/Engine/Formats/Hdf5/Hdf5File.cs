namespace Rnn.Engine.Formats.Hdf5;

/// <summary>
/// The part of HDF5 that h5py writes for Keras: groups, string attributes, and datasets of floats. A file is read from memory
/// alone: there is no code for external storage, external or soft links and virtual datasets, so that a model can't reach another
/// file of the host; each is refused by name. Nothing is parsed before it is asked for.
/// Source: HDF5 File Format Specification, version 3.0 (The HDF Group); section II, the superblock.
/// </summary>
public sealed class Hdf5File
{
    const int BytesOfAddress = 8;
    const int MaxSuperblockBytes = 96;

    Hdf5File(Hdf5Group root) => Root = root;

    static ReadOnlySpan<byte> Signature => [0x89, (byte)'H', (byte)'D', (byte)'F', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>The group <c>/</c>.</summary>
    public Hdf5Group Root { get; }

    /// <summary>Whether these are the first bytes of an HDF5 file without a user block before it.</summary>
    public static bool IsHdf5(ReadOnlySpan<byte> bytes) => bytes.StartsWith(Signature);

    /// <summary>Reads the superblock and the header of the root group.</summary>
    /// <param name="file">The file's name, for messages.</param>
    /// <param name="bytes">The whole file; it must not change while the result is used.</param>
    /// <exception cref="EngineException">It is not such a file, or it was cut.</exception>
    public static Hdf5File Read(string file, ReadOnlyMemory<byte> bytes)
    {
        if (!IsHdf5(bytes.Span))
        {
            throw EngineException.Model($"{file}: the signature of an HDF5 file is missing.");
        }

        var space = new FileSpace(file, bytes);
        var address = RootAddress(space, bytes.Length);
        var root = Place.Root(address);
        return Hdf5Group.Open(space, root) is { } group
            ? new Hdf5File(group)
            : throw space.Refuse(root, $"the object at {address} is not a group; the root of an HDF5 file is one.");
    }

    static long RootAddress(FileSpace space, int fileLength)
    {
        var place = Place.Root(0);
        var cursor = space.Structure(place, 0, Math.Min(MaxSuperblockBytes, fileLength), "superblock");
        cursor.Skip(Signature.Length);
        var version = cursor.Byte();
        if (version > 3)
        {
            throw space.Refuse(place, $"the superblock has version {version}; versions 0 to 3 are read.");
        }

        cursor.Skip(version < 2 ? 4 : 0);
        var (addressBytes, lengthBytes) = (cursor.Byte(), cursor.Byte());
        if (addressBytes != BytesOfAddress || lengthBytes != BytesOfAddress)
        {
            throw space.Refuse(place, $"addresses of {addressBytes} and lengths of {lengthBytes} bytes are not read; 8 and 8 are.");
        }

        // The sizes of tree nodes, which nodes tell themselves, and flags.
        cursor.Skip(version switch { 0 => 9, 1 => 13, _ => 1 });
        if (cursor.Address() is var start and not 0)
        {
            throw space.Refuse(place, $"its addresses begin at byte {start}; only files without a user block are read.");
        }

        cursor.Skip(BytesOfAddress);
        if (cursor.Length() is var end && end > fileLength)
        {
            throw space.Refuse(place, $"it was cut: the superblock says that it ends at byte {end}; it has {fileLength}.");
        }

        if (version < 2)
        {
            if (cursor.Address() != FileSpace.Undefined)
            {
                throw space.Refuse(place, "it names a driver that spreads a file over several; such files are not read.");
            }

            cursor.Skip(BytesOfAddress);
        }

        return cursor.Address();
    }
}
