namespace Rnn.Engine;

/// <summary>
/// The one exception that the engine throws on purpose. The message says what was found, where, and what was expected.
/// </summary>
/// <param name="kind">What is wrong.</param>
/// <param name="message">A sentence for the caller; it never holds internals.</param>
/// <param name="pointer">Where in the caller's document, as a JSON pointer (RFC 6901), if it is one place.</param>
public sealed class EngineException(ErrorKind kind, string message, string? pointer = null) : Exception(message)
{
    /// <summary>What is wrong.</summary>
    public ErrorKind Kind => kind;

    /// <summary>Where in the caller's document, as a JSON pointer such as <c>/values/3/2</c>.</summary>
    public string? Pointer => pointer;

    /// <summary>Whether the change that was asked for may have been made nevertheless.</summary>
    public bool IsUnsure { get; init; }

    /// <summary>An input that lies at <paramref name="pointer"/> and can't be used.</summary>
    public static EngineException Input(string pointer, string message) =>
        new(ErrorKind.InvalidInput, message, pointer);

    /// <summary>A header that can't be used.</summary>
    public static EngineException Header(string name, string message) => new(ErrorKind.InvalidInput, message, $"/{name}");

    /// <summary>A model folder that can't be loaded.</summary>
    public static EngineException Model(string message) => new(ErrorKind.BadModel, message);
}
