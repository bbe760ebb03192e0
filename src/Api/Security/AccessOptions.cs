using System.ComponentModel.DataAnnotations;

namespace Rnn.Api.Security;

/// <summary>Who may call, and how often.</summary>
public sealed class AccessOptions : IValidatableObject
{
    /// <summary>The keys that are taken.</summary>
    public IReadOnlyList<KeyOptions> Keys { get; init; } = [];

    /// <summary>A JSON file with further <c>Keys</c>, such as a mounted secret; a relative path starts at the program's own folder.</summary>
    public string? KeyFile { get; init; }

    /// <summary>Whether the server may be called without a key from other machines too. Everybody shares the sessions then.</summary>
    public bool AllowAnonymous { get; init; }

    /// <summary>
    /// Where the key is written that the server makes when it can be called from other machines and has none; in the folder of temporary
    /// files if this is not set.
    /// </summary>
    public string? GeneratedKeyFile { get; init; }

    /// <summary>Tokens of an identity provider that are taken beside the keys; null for none.</summary>
    public JwtOptions? Jwt { get; init; }

    /// <summary>Requests a second of one key or subject, on average; 0 for as many as come. Without keys there is no such limit.</summary>
    [Range(0, 1_000_000.0)]
    public double RequestsPerSecond { get; init; } = 100;

    /// <summary>Requests of one key or subject at once that were saved up by being idle.</summary>
    [Range(1, 1_000_000)]
    public int Burst { get; init; } = 200;

    /// <summary>Wrong keys and tokens a minute of one address that are answered 401 and logged; more are answered 429.</summary>
    [Range(1, 1_000_000)]
    public int FailuresPerMinute { get; init; } = 60;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (AllowAnonymous && (Keys.Count > 0 || KeyFile is not null || Jwt is not null))
        {
            yield return new($"{nameof(AllowAnonymous)} is set and so are keys or tokens; it is one or the other.", [nameof(AllowAnonymous)]);
        }

        foreach (var fault in Jwt?.Faults ?? [])
        {
            yield return new(fault, [nameof(Jwt)]);
        }
    }
}
