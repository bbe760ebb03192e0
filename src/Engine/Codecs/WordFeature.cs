namespace Rnn.Engine.Codecs;

/// <summary>What of a word a column of a <see cref="WordFeatureCodec"/> looks at.</summary>
public enum WordFeature
{
    /// <summary>The word in lower case.</summary>
    Word,

    /// <summary>Its last characters in lower case.</summary>
    Suffix,

    /// <summary>Its first characters in lower case.</summary>
    Prefix,

    /// <summary>X for capitals, x for other letters, 0 for digits, other characters as they are; of a run, one: <c>Xx</c>, <c>0,0</c>.</summary>
    Shape,
}
