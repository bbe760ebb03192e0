using Rnn.Engine.Codecs;
using Rnn.Engine.Manifests;

namespace Rnn.Engine.Models;

/// <summary>Makes of a manifest's input and output what encodes and decodes them.</summary>
static class CodecBuilder
{
    const int MaxTokens = 1 << 20;

    /// <exception cref="EngineException">The input can't be what the manifest says.</exception>
    public static InputCodec Input(InputManifest manifest) => manifest switch
    {
        CharacterInput characters => new CharacterCodec(Vocabulary(characters), characters.Lowercase),
        WordInput words => new WordCodec(Vocabulary(words), words.Lowercase),
        TokenIndexInput { Size: > 0 and <= MaxTokens and var size } => new TokenIndexCodec(size),
        TokenIndexInput => throw EngineException.Model($"model.json: input.size, the number of tokens, must be 1 to {MaxTokens}."),
        WordFeatureInput { Columns.Count: > 0 } words =>
            new WordFeatureCodec([.. words.Columns.Select(column => new WordColumn(column.Feature, column.Length, column.Vocabulary))]),
        WordFeatureInput => throw EngineException.Model("model.json: input.columns holds no column."),
        FeatureInput { Features.Count: > 0 } features => new FeatureCodec(features.Features),
        _ => throw EngineException.Model("model.json: input.features holds no feature."),
    };

    /// <param name="manifest">What comes out.</param>
    /// <param name="input">What goes in.</param>
    /// <param name="layers">The layers, of which the last may be a softmax.</param>
    /// <param name="size">O, the width of the network's output.</param>
    /// <exception cref="EngineException">The output can't be what the manifest says.</exception>
    public static OutputHead Output(OutputManifest manifest, InputCodec input, IReadOnlyList<LayerManifest> layers, int size)
    {
        var head = Head(manifest, input, layers, part: null);
        return head.Size == size
            ? head
            : throw EngineException.Model($"model.json: output names {head.Size} outputs; the last layer has {size}.");
    }

    static OutputHead Head(OutputManifest manifest, InputCodec input, IReadOnlyList<LayerManifest> layers, int? part)
    {
        var isNormalised = Interface.IsNormalised(layers, part);
        return manifest switch
        {
            NextTokenOutput => input is TokenCodec codec
                ? new NextTokenHead(codec.Vocabulary.Tokens, isNormalised)
                : throw EngineException.Model("model.json: output is next-token; it needs an input of characters, words or tokens."),
            ClassOutput classes => new ClassHead(classes.Labels, isNormalised),
            ValueOutput values => new ValueHead(Invertible(values.Values)),
            GaussianOutput gaussian => new GaussianHead(Rising(gaussian.Values)),
            QuantileOutput quantiles => new QuantileHead(Rising(quantiles.Values), Levels(quantiles.Levels)),
            HeadsOutput heads when part is null => Heads(heads, input, layers),
            _ => throw EngineException.Model("model.json: output.heads holds heads in heads."),
        };
    }

    static NamedHeads Heads(HeadsOutput manifest, InputCodec input, IReadOnlyList<LayerManifest> layers) =>
        manifest.Heads.Select(head => head.Name).Distinct(StringComparer.Ordinal).Count() == manifest.Heads.Count && manifest.Heads.Count > 0
            ? new NamedHeads([.. manifest.Heads.Select((head, index) => (head.Name, Head(head.Output, input, layers, index)))])
            : throw EngineException.Model("model.json: output.heads must hold one head or more, each of another name.");

    static IReadOnlyList<Quantity> Invertible(IReadOnlyList<Quantity> values) =>
        values.FirstOrDefault(value => value.Scaling is { IsInvertible: false }) is { } value
            ? throw EngineException.Model($"model.json: output '{value.Name}' has a scaling that has no inverse.")
            : values;

    static IReadOnlyList<Quantity> Rising(IReadOnlyList<Quantity> values) =>
        Invertible(values).FirstOrDefault(value => value.Scaling is { } scaling && !(scaling.Unscale(1) > scaling.Unscale(0))) is { } value
            ? throw EngineException.Model($"model.json: the scaling of output '{value.Name}' falls with its value, so that its quantiles would be in the wrong order.")
            : values;

    static IReadOnlyList<double> Levels(IReadOnlyList<double> levels) =>
        levels.Count >= 2 && levels[0] > 0 && levels[^1] < 1 && levels.Zip(levels.Skip(1)).All(pair => pair.First < pair.Second)
            ? levels
            : throw EngineException.Model("model.json: output.levels must be two or more probabilities above 0 and below 1, each higher than the one before.");

    static Vocabulary Vocabulary(TokenInput input) => new(input.Vocabulary, input.Unknown, input.Start, input.End);
}
