namespace Rnn.Engine.Formats.Hdf5;

/// <summary>A group: named links to groups and datasets, and attributes.</summary>
public sealed class Hdf5Group
{
    const int MaxDepth = 32;

    readonly FileSpace _space;
    readonly Place _place;
    readonly ObjectHeader _header;
    readonly Dictionary<string, object?> _opened = new(StringComparer.Ordinal);
    SortedDictionary<string, Link>? _links;
    AttributeTable? _attributes;

    Hdf5Group(FileSpace space, Place place, ObjectHeader header)
    {
        _space = space;
        _place = place;
        _header = header;
    }

    /// <summary>The names from the root, each after a slash; <c>/</c> is the root.</summary>
    public string Path => _place.Path;

    /// <summary>The names of all links in ordinal order, also of those that are refused when they are followed.</summary>
    public IReadOnlyList<string> Names => [.. Links.Keys];

    SortedDictionary<string, Link> Links => _links ??= LinkTable.Read(_space, _place, _header);

    AttributeTable Attributes => _attributes ??= new AttributeTable(_space, _place, _header);

    /// <summary>The group behind a link, or null if there is no such link or it leads to something else.</summary>
    /// <param name="name">One name: a slash or a backslash in it means nothing.</param>
    /// <exception cref="EngineException">The link is soft, external or leads back to where it comes from.</exception>
    public Hdf5Group? Group(string name) => Follow(name) as Hdf5Group;

    /// <summary>The dataset behind a link, or null if there is no such link or it leads to something else.</summary>
    /// <param name="name">One name: a slash or a backslash in it means nothing.</param>
    /// <exception cref="EngineException">The link is soft or external, or the dataset's values are in another file.</exception>
    public Hdf5Dataset? Dataset(string name) => Follow(name) as Hdf5Dataset;

    /// <summary>The value of an attribute that is one string, or null if there is no such attribute.</summary>
    /// <exception cref="EngineException">The attribute is something else.</exception>
    public string? Text(string attribute) => Attributes.Text(attribute);

    /// <summary>The values of an attribute that is an array of strings, or null if there is none; an empty array may be of any type.</summary>
    /// <exception cref="EngineException">The attribute is something else.</exception>
    public IReadOnlyList<string>? Texts(string attribute) => Attributes.Texts(attribute);

    /// <summary>The object at a place as a group, or null if it is something else.</summary>
    internal static Hdf5Group? Open(FileSpace space, Place place) => Open(space, place, new ObjectHeader(space, place)) as Hdf5Group;

    static object? Open(FileSpace space, Place place, ObjectHeader header)
    {
        if (header.Has(MessageType.SymbolTable) || header.Has(MessageType.LinkInfo) || header.Has(MessageType.Link) || header.Has(MessageType.GroupInfo))
        {
            return new Hdf5Group(space, place, header);
        }

        // A named type is neither.
        return header.Has(MessageType.Dataspace) ? new Hdf5Dataset(space, place, header) : null;
    }

    object? Follow(string name)
    {
        if (_opened.TryGetValue(name, out var opened))
        {
            return opened;
        }

        if (!Links.TryGetValue(name, out var link))
        {
            return null;
        }

        var place = _place.Child(name, link.Address);
        if (link.Elsewhere is { } elsewhere)
        {
            throw _space.Refuse(place, $"it is {elsewhere}; only objects of this file are read, by hard links.");
        }

        if (_place.Passes(link.Address))
        {
            throw _space.Refuse(place, "the link leads back to a group on its own path.");
        }

        if (place.Depth > MaxDepth)
        {
            throw _space.Refuse(place, $"it lies more than {MaxDepth} groups deep.");
        }

        _space.CountObjects(place, 1);
        return _opened[name] = Open(_space, place, new ObjectHeader(_space, place));
    }
}
