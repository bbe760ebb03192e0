using System.ComponentModel.DataAnnotations;

namespace Rnn.Api;

/// <summary>What the server takes from the network.</summary>
public sealed class ServerOptions
{
    /// <summary>Most bytes of a request's body; more is answered 413.</summary>
    [Range(1024, 1L << 30)]
    public long MaxBodyBytes { get; init; } = 4 << 20;

    /// <summary>Most connections at once; more are closed.</summary>
    [Range(1, 1_000_000)]
    public long MaxConnections { get; init; } = 1_000;
}
