using System.Buffers;
using System.Security.Cryptography;

namespace Rnn.Engine.Sessions;

/// <summary>The rules of a session's ID: what can stand in a URL, a log line and a file name as it is.</summary>
public static class SessionId
{
    /// <summary>Most characters of an ID.</summary>
    public const int MaxLength = 64;

    /// <summary>The rule as a regular expression, for documents.</summary>
    public const string Pattern = "^[A-Za-z0-9._~-]{1,64}$";

    static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~-");

    /// <summary>A fresh ID of 128 random bits that nobody can guess.</summary>
    public static string New() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    /// <summary>The rule in words.</summary>
    public static string Rule { get; } = $"1 to {MaxLength} characters of A-Z a-z 0-9 . _ ~ - and is not '.' or '..'";

    /// <summary>Whether an ID, or a tag, keeps to the rule.</summary>
    public static bool IsValid(string? id) =>
        id is { Length: > 0 and <= MaxLength } and not "." and not ".." && !id.AsSpan().ContainsAnyExcept(Allowed);

    /// <summary>Checks an ID that a caller chose.</summary>
    /// <exception cref="EngineException">It breaks the rule.</exception>
    public static void Validate(string id)
    {
        if (!IsValid(id))
        {
            throw EngineException.Input("/id", $"A session's id has {Rule}.");
        }
    }
}
