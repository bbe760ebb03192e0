using System.ComponentModel;
using System.IO.Hashing;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;
using Rnn.Engine;
using Rnn.Engine.Sessions;

namespace Rnn.Api.Rest;

/// <summary>Which session a prediction is for, and what makes it safe to send twice.</summary>
public readonly record struct SessionCall
{
    internal const string KeyHeader = "Idempotency-Key";

    // A number beyond the range of a double is read as an infinity, and refused by name only later, when the call runs.
    static readonly JsonSerializerOptions Hashed = new(RestJson.Default.Options)
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    [Description("The session's ID.")]
    public required string Id { get; init; }

    [FromHeader(Name = SessionChange.IfMatchHeader), Description(SessionChange.IfMatchDescription)]
    public string? IfMatch { get; init; }

    [FromHeader(Name = KeyHeader), Description("Makes the call unique: sent again with the same body, it is answered as the first time and not applied again.")]
    public string? IdempotencyKey { get; init; }

    internal string? ExpectedTag => SessionChange.TagOf(IfMatch);

    /// <summary>The call's key with a hash of what it asks for: of the body as it was understood, so that neither order nor blanks matter.</summary>
    internal IdempotencyKey? KeyFor(PredictionRequest body)
    {
        if (IdempotencyKey is null)
        {
            return null;
        }

        var key = KeyOf(IdempotencyKey);
        var json = JsonSerializer.SerializeToUtf8Bytes(body, body.GetType(), Hashed);
        return new IdempotencyKey(key, XxHash128.HashToUInt128([.. System.Text.Encoding.UTF8.GetBytes(body.GetType().Name), .. json]));
    }

    /// <summary>The key that a header's text holds.</summary>
    /// <exception cref="EngineException">It is none.</exception>
    internal static string KeyOf(string header)
    {
        var key = Unquote(header.Trim());
        return key.Length is 0 or > Engine.Sessions.IdempotencyKey.MaxLength || key.AsSpan().ContainsAnyExceptInRange(' ', '~')
            ? throw EngineException.Header(KeyHeader, $"{KeyHeader} must be 1 to {Engine.Sessions.IdempotencyKey.MaxLength} printable ASCII characters, with or without quotes.")
            : key;
    }

    /// <summary>Whether a request may be sent again when it is not known what came of it: with a key, or on one certain step.</summary>
    internal static bool IsSafeTwice(IHeaderDictionary headers) =>
        headers.ContainsKey(KeyHeader) || (headers.TryGetValue(SessionChange.IfMatchHeader, out var tag) && tag.ToString().Trim() is not ("" or "*"));

    static string Unquote(string text) => text is ['"', .. var inner, '"'] ? inner : text;
}
