using Rnn.Engine.Weights;

namespace Rnn.Engine.Formats.Hdf5;

/// <summary>An array of values. Only floats and single strings can be read; others are there to be seen.</summary>
public sealed class Hdf5Dataset
{
    const int Bfloat16Bytes = 2;

    readonly FileSpace _space;
    readonly Place _place;
    readonly ObjectHeader _header;
    readonly Dataspace _shape;
    readonly Datatype _type;
    readonly DataLayout _layout;
    readonly FloatType? _float;

    internal Hdf5Dataset(FileSpace space, Place place, ObjectHeader header)
    {
        if (header.Has(MessageType.ExternalFiles))
        {
            throw space.Refuse(place, "its values are in external files; only values of this file are read.");
        }

        (_space, _place, _header) = (space, place, header);
        _shape = Dataspace.Parse(header.Need(MessageType.Dataspace));
        _type = Datatype.Parse(header.Need(MessageType.Datatype));
        _layout = DataLayout.Parse(header.Need(MessageType.Layout));
        _float = _type.Float ?? Bfloat16();
    }

    /// <summary>The names from the root, each after a slash.</summary>
    public string Path => _place.Path;

    /// <summary>The length of each dimension as the file claims it, none of them negative; empty for a single value.</summary>
    public long[] Shape => _shape.Shape;

    /// <summary>Whether the values are little-endian floats of 16, 32 or 64 bits, or bfloat16.</summary>
    public bool IsFloat => _float is not null;

    /// <summary>
    /// The values, row-major, as float32; they may be a NaN or infinite. All that is read from a file, again or not, counts
    /// together: at most 64 MiB or 1,000 times the file, whichever is more, and never above 512 MiB.
    /// </summary>
    /// <exception cref="EngineException">They are of another type, or are not there, or are too many.</exception>
    public float[] ReadFloats() => _float is { } type
        ? type.ToSingle(StoredValues.Read(_space, _place, _header, _layout, _shape, _type).Span)
        : throw _space.Refuse(_place, $"its values are of type {_type}; little-endian floats of 16, 32 and 64 bits are read.");

    /// <summary>The value, if the dataset is one string; else null.</summary>
    /// <exception cref="EngineException">The string is not there.</exception>
    public string? ReadText() => _type.IsText && _shape.Count == 1
        ? TextValues.Read(_space, _place, "value", _type, 1, StoredValues.Read(_space, _place, _header, _layout, _shape, _type))[0]
        : null;

    // Keras says so beside values that h5py has no type for.
    FloatType? Bfloat16() =>
        _type is { Class: DatatypeClass.Opaque, Bytes: Bfloat16Bytes } && new AttributeTable(_space, _place, _header).Text("dtype") == "bfloat16"
            ? FloatType.Bfloat16
            : null;
}
