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
            ValueOutput values => values.Values.FirstOrDefault(value => value.Scaling is { IsInvertible: false }) is { } value
                ? throw EngineException.Model($"model.json: output '{value.Name}' has a scaling that has no inverse.")
                : new ValueHead(values.Values),
            HeadsOutput heads when part is null => Heads(heads, input, layers),
            _ => throw EngineException.Model("model.json: output.heads holds heads in heads."),
        };
    }

    static NamedHeads Heads(HeadsOutput manifest, InputCodec input, IReadOnlyList<LayerManifest> layers) =>
        manifest.Heads.Select(head => head.Name).Distinct(StringComparer.Ordinal).Count() == manifest.Heads.Count && manifest.Heads.Count > 0
            ? new NamedHeads([.. manifest.Heads.Select((head, index) => (head.Name, Head(head.Output, input, layers, index)))])
            : throw EngineException.Model("model.json: output.heads must hold one head or more, each of another name.");

    static Vocabulary Vocabulary(TokenInput input) => new(input.Vocabulary, input.Unknown, input.Start, input.End);
}
