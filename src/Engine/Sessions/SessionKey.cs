namespace Rnn.Engine.Sessions;

/// <summary>
/// What a session is kept under: its ID, after that of its owner if it has one. So two owners may each have a session of the same ID,
/// and neither can name the other's. No ID holds the slash between them.
/// </summary>
/// <param name="Owner">To whom it belongs; null if nobody is told apart.</param>
/// <param name="Id">Its ID.</param>
public readonly record struct SessionKey(string? Owner, string Id)
{
    const char Slash = '/';
    const char AfterSlash = (char)(Slash + 1);

    /// <summary>What all keys of an owner begin with.</summary>
    public static string Prefix(string? owner) => owner is null ? "" : $"{owner}{Slash}";

    /// <summary>What comes after all keys of an owner in ordinal order; null if that is nothing.</summary>
    public static string? End(string? owner) => owner is null ? null : $"{owner}{AfterSlash}";

    /// <summary>The owner and the ID of a key.</summary>
    public static SessionKey Parse(string key) =>
        key.IndexOf(Slash, StringComparison.Ordinal) is var slash and >= 0 ? new(key[..slash], key[(slash + 1)..]) : new(null, key);

    /// <summary>The key as a store has it.</summary>
    public override string ToString() => Owner is null ? Id : Prefix(Owner) + Id;
}
