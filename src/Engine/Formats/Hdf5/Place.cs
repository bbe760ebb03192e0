namespace Rnn.Engine.Formats.Hdf5;

/// <summary>Where an object was reached: its header's address and the links that lead to it. The path is built only when it is told.</summary>
sealed record Place(Place? Parent, string Name, long Address, int Depth)
{
    /// <summary>The path, <c>/</c> for the root; a name may itself hold a backslash.</summary>
    public string Path => Parent switch
    {
        null => "/",
        { Parent: null } => "/" + Name,
        _ => Parent.Path + "/" + Name,
    };

    public static Place Root(long address) => new(null, "", address, 0);

    public Place Child(string name, long address) => new(this, name, address, Depth + 1);

    /// <summary>Whether an object lies on the way from the root to here, both included.</summary>
    public bool Passes(long address)
    {
        for (var place = this; place is not null; place = place.Parent)
        {
            if (place.Address == address)
            {
                return true;
            }
        }

        return false;
    }
}
