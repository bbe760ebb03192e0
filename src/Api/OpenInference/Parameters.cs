using Rnn.Engine;

namespace Rnn.Api.OpenInference;

/// <summary>
/// Parameters of a request, an input or an output: each a string, a truth value or a number, here as <see cref="string"/>,
/// <see cref="bool"/>, <see cref="long"/>, <see cref="ulong"/> or <see cref="double"/>. Those that nobody asks for are no fault.
/// </summary>
sealed class Parameters(IReadOnlyDictionary<string, object> values)
{
    public static readonly Parameters None = new(new Dictionary<string, object>());

    /// <summary>All of them.</summary>
    public IReadOnlyDictionary<string, object> Values => values;

    /// <summary>One as it came; null if it was not given.</summary>
    public object? Find(string name) => values.GetValueOrDefault(name);

    /// <summary>A truth value.</summary>
    /// <returns>Null if it was not given.</returns>
    /// <exception cref="EngineException">It is something else.</exception>
    public bool? Flag(string name) => Find(name) switch
    {
        null => null,
        bool flag => flag,
        _ => throw Unreadable(name, "true or false"),
    };

    /// <summary>A whole number from 0.</summary>
    /// <inheritdoc cref="Flag"/>
    public long? Count(string name) => Find(name) switch
    {
        null => null,
        long and >= 0 and var count => (long)count,
        ulong count and <= long.MaxValue => (long)count,
        _ => throw Unreadable(name, "a whole number from 0"),
    };

    /// <summary>A text.</summary>
    /// <inheritdoc cref="Flag"/>
    public string? Text(string name) => Find(name) switch
    {
        null => null,
        string text => text,
        _ => throw Unreadable(name, "a string"),
    };

    /// <summary>A parameter that is not what it must be.</summary>
    public static EngineException Unreadable(string name, string expected) =>
        EngineException.Input($"/parameters/{name}", $"Unable to parse '{name}': it must be {expected}.");
}
