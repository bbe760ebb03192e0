namespace Rnn.Engine.Codecs;

/// <summary>
/// Input in the user's terms, as it came: text, token indices, or values in their own units. A model reads either text or
/// values; which, its <see cref="InputCodec"/> says.
/// </summary>
public sealed record ModelInput
{
    /// <summary>Text, for a model of characters or words.</summary>
    public string? Text { get; init; }

    /// <summary>Token indices, for a model of characters or words.</summary>
    public IReadOnlyList<int>? Tokens { get; init; }

    /// <summary>The words of a text one by one, for a model of words with features.</summary>
    public IReadOnlyList<string>? Words { get; init; }

    /// <summary>One vector for each timestep, for a model of numeric features.</summary>
    public IReadOnlyList<IReadOnlyList<double>?>? Values { get; init; }

    /// <summary>The vector of a single timestep, for a model of numeric features.</summary>
    public IReadOnlyList<double>? Vector { get; init; }
}
