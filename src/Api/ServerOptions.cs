using System.ComponentModel.DataAnnotations;
using Rnn.Engine.Layers;

namespace Rnn.Api;

/// <summary>What the server takes from the network.</summary>
public sealed class ServerOptions : IValidatableObject
{
    /// <summary>Most bytes of a request's body; more is answered 413.</summary>
    [Range(1024, 1L << 30)]
    public long MaxBodyBytes { get; init; } = 4 << 20;

    /// <summary>Most connections at once; more are closed.</summary>
    [Range(1, 1_000_000)]
    public long MaxConnections { get; init; } = 1_000;

    /// <summary>
    /// A key of 32 bytes or more in base64. With it the states that are given out are signed, and only signed ones are taken. Servers
    /// that take each other's states have the same.
    /// </summary>
    [Base64String]
    public string? StateKey { get; init; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        StateKey is null || Convert.FromBase64String(StateKey).Length >= StateSeal.MinKeyBytes
            ? []
            : [new($"{nameof(StateKey)} must be at least {StateSeal.MinKeyBytes} bytes in base64.", [nameof(StateKey)])];
}
