namespace Rnn.Engine.Sampling.Patterns;

/// <summary>A regular expression as it is built: what texts it matches.</summary>
abstract record PatternNode;

/// <summary>One character of a set.</summary>
sealed record OneOf(CharacterSet Characters) : PatternNode;

/// <summary>Parts one after the other; the empty text if there are none.</summary>
sealed record InSequence(IReadOnlyList<PatternNode> Parts) : PatternNode;

/// <summary>One of several.</summary>
sealed record EitherOf(IReadOnlyList<PatternNode> Choices) : PatternNode;

/// <summary>A part again and again.</summary>
/// <param name="Part">The part.</param>
/// <param name="Least">How often at least.</param>
/// <param name="Most">How often at most; null for any number.</param>
sealed record Repeated(PatternNode Part, int Least, int? Most) : PatternNode;
