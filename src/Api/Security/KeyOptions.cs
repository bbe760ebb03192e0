namespace Rnn.Api.Security;

/// <summary>A key as it is configured: its hash, so that who reads the configuration can't use it.</summary>
public sealed class KeyOptions
{
    /// <summary>Its name: for the log, and to whom its sessions belong. Keys of one name share them, as while one replaces the other.</summary>
    public string Name { get; init; } = "";

    /// <summary>SHA-256 of the key, in hex or base64. <c>rnn key</c> makes a key and tells both.</summary>
    public string Hash { get; init; } = "";

    /// <summary>What it is for: <c>predict</c>, <c>manage</c>, <c>metrics</c>; <c>predict</c> if nothing is named.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>The names of the models that it may use, which are the only ones that there are for it; all if none is named.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];
}
