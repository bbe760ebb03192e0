using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;
using Rnn.Engine;

namespace Rnn.Api.Rest;

/// <summary>Which session a call changes, and where it must be for that.</summary>
public readonly record struct SessionChange
{
    internal const string IfMatchHeader = "If-Match";

    internal const string IfMatchDescription = "The ETag that the session must have, as an earlier reply told it; 412 if it has another.";

    [Description("The session's ID.")]
    public required string Id { get; init; }

    [FromHeader(Name = IfMatchHeader), Description(IfMatchDescription)]
    public string? IfMatch { get; init; }

    internal string? ExpectedTag => TagOf(IfMatch);

    /// <summary>The tag that an If-Match header asks for; null for any.</summary>
    internal static string? TagOf(string? ifMatch) => ifMatch?.Trim() switch
    {
        null or "" or "*" => null,
        ['"', .. var tag, '"'] when IsTag(tag) => tag,
        var tag when IsTag(tag) => tag,
        _ => throw EngineException.Header(IfMatchHeader, $"{IfMatchHeader} must be one ETag of the session, such as \"41\", or *."),
    };

    static bool IsTag(string text) => text.Length > 0 && text.All(character => char.IsAsciiDigit(character) || character == '.');
}
