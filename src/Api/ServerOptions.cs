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

    /// <summary>The port of gRPC over plain text, on the hosts that the server listens at anyway; null for none.</summary>
    [Range(1, 65_535)]
    public int? GrpcPort { get; init; }

    /// <summary>
    /// The port of what manages the server and tells its metrics, on the hosts that it listens at anyway; null for the same as everything
    /// else. If it is given, they are nowhere else.
    /// </summary>
    [Range(1, 65_535)]
    public int? ManagementPort { get; init; }

    /// <summary>Most calls of a batch in one JSON document; as lines (NDJSON), as many as the client likes.</summary>
    [Range(1, 1_000_000)]
    public int MaxBatchInputs { get; init; } = 4_096;

    /// <summary>How long a request may take; more is answered 504. Streams, batches of lines and sockets have their own times.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "1.00:00:00")]
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a stream of events may go on; then it ends with an event that says so.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "1.00:00:00")]
    public TimeSpan StreamTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The share of the memory that the process may have above which it takes no new work.</summary>
    [Range(0.0001, 1)]
    public double MemoryWatermark { get; init; } = 0.9;

    /// <summary>Origins, such as <c>https://app.example</c>, whose pages may call the server; the server's own may anyway.</summary>
    public IReadOnlyList<string> CorsOrigins { get; init; } = [];

    /// <summary>How long a session's socket may be without a message before it is closed.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00")]
    public TimeSpan SocketIdleTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Origins, such as <c>https://app.example</c>, whose pages may open a session's socket or call MCP; the server's own may anyway.</summary>
    public IReadOnlyList<string> SocketOrigins { get; init; } = [];

    /// <summary>
    /// A key of 32 bytes or more in base64. With it the states that are given out are signed, and only signed ones are taken. Servers
    /// that take each other's states have the same.
    /// </summary>
    [Base64String]
    public string? StateKey { get; init; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (StateKey is not null && Convert.FromBase64String(StateKey).Length < StateSeal.MinKeyBytes)
        {
            yield return new($"{nameof(StateKey)} must be at least {StateSeal.MinKeyBytes} bytes in base64.", [nameof(StateKey)]);
        }

        foreach (var origin in CorsOrigins.Concat(SocketOrigins).Where(origin => !IsOrigin(origin)))
        {
            yield return new($"'{origin}' is no origin: scheme, host and port, such as https://app.example, and no slash at the end.", [nameof(CorsOrigins), nameof(SocketOrigins)]);
        }

        if (ManagementPort is not null && ManagementPort == GrpcPort)
        {
            yield return new($"{nameof(ManagementPort)} and {nameof(GrpcPort)} are both {GrpcPort}; each needs a port of its own.", [nameof(ManagementPort)]);
        }
    }

    static bool IsOrigin(string text) => Uri.TryCreate(text, UriKind.Absolute, out var uri) && text.Equals($"{uri.Scheme}://{uri.Authority}", StringComparison.OrdinalIgnoreCase);
}
