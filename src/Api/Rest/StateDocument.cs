using System.ComponentModel;
using System.Text.Json;
using Rnn.Engine;
using Rnn.Engine.Layers;

namespace Rnn.Api.Rest;

/// <summary>A recurrent state by layer.</summary>
public sealed record StateDocument
{
    [Description("Identifies the model whose state it is; a state of another model is refused. May be left out when it is written by hand.")]
    public string? Fingerprint { get; init; }

    [Description("How many timesteps led to it.")]
    public long Step { get; init; }

    [Description("The layers. One that is left out is zero, as it is before the first timestep.")]
    public required IReadOnlyList<LayerStateDocument> Layers { get; init; }

    [Description("The server's signature, if it signs what it gives out; it takes no state without it then.")]
    public byte[]? Signature { get; init; }

    internal static StateDocument From(RecurrentState state)
    {
        var layers = new List<LayerStateDocument>();
        var offset = 0;
        foreach (var part in state.Layout.Parts)
        {
            var values = state.Values.Slice(offset, part.Size).ToArray();
            offset += part.Size;
            if (layers is [] || layers[^1].Layer != part.Layer)
            {
                layers.Add(new() { Layer = part.Layer });
            }

            layers[^1] = layers[^1].With(part.Kind, values);
        }

        return new() { Fingerprint = state.Layout.Fingerprint, Step = state.Step, Layers = layers };
    }

    /// <param name="layout">What the model expects.</param>
    /// <param name="pointer">Where this document lies in the request.</param>
    internal RecurrentState ToState(StateLayout layout, string pointer)
    {
        if (Fingerprint is not null && Fingerprint != layout.Fingerprint)
        {
            throw Refused($"{pointer}/fingerprint", $"The state belongs to another model; this model's fingerprint is {layout.Fingerprint}.");
        }

        if (Step is < 0 or > RecurrentState.MaxStep)
        {
            throw Refused($"{pointer}/step", $"step must be 0 to {RecurrentState.MaxStep}.");
        }

        var values = new float[layout.Size];
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (index, layer) in Layers.Index())
        {
            var at = $"{pointer}/layers/{index}";
            if (layer is null)
            {
                throw Refused(at, "This is null; a layer is expected.");
            }

            if (!seen.Add(layer.Layer))
            {
                throw Refused($"{at}/layer", "This layer stands in the document twice.");
            }

            layer.CopyTo(values, layout, at);
        }

        return RecurrentState.Of(layout, Step, values);
    }

    internal static EngineException Refused(string pointer, string message) => new(ErrorKind.StateRefused, message, pointer);
}

/// <summary>The state of one layer.</summary>
public sealed record LayerStateDocument
{
    [Description("The layer's name.")]
    public required string Layer { get; init; }

    [Description("The hidden state h.")]
    public IReadOnlyList<float>? Hidden { get; init; }

    [Description("The cell state c of an LSTM layer.")]
    public IReadOnlyList<float>? Cell { get; init; }

    [Description("What an attention layer looks up: the encoder's outputs, padded with zeros.")]
    public IReadOnlyList<float>? Memory { get; init; }

    [Description("How many timesteps of its memory an attention layer looks at.")]
    public IReadOnlyList<float>? Length { get; init; }

    [Description("Running moments of what a running-norm has read, or what 'monitor' has learnt of a stream that is watched.")]
    public IReadOnlyList<float>? Statistics { get; init; }

    internal LayerStateDocument With(StateKind kind, float[] values) => kind switch
    {
        StateKind.Hidden => this with { Hidden = values },
        StateKind.Cell => this with { Cell = values },
        StateKind.Memory => this with { Memory = values },
        StateKind.Length => this with { Length = values },
        _ => this with { Statistics = values },
    };

    IReadOnlyList<float>? Of(StateKind kind) => kind switch
    {
        StateKind.Hidden => Hidden,
        StateKind.Cell => Cell,
        StateKind.Memory => Memory,
        StateKind.Length => Length,
        _ => Statistics,
    };

    /// <summary>Writes this layer's parts to their places in <paramref name="values"/>.</summary>
    internal void CopyTo(Span<float> values, StateLayout layout, string pointer)
    {
        var parts = layout.Parts.Where(part => part.Layer == Layer).ToList();
        if (parts.Count == 0)
        {
            throw StateDocument.Refused(
                $"{pointer}/layer", $"This model's layers are {string.Join(", ", layout.Parts.Select(part => part.Layer).Distinct())}.");
        }

        foreach (var kind in Enum.GetValues<StateKind>())
        {
            if (Of(kind) is not null && !parts.Exists(part => part.Kind == kind))
            {
                throw StateDocument.Refused(
                    $"{pointer}/{NameOf(kind)}", $"Layer '{Layer}' keeps {string.Join(" and ", parts.Select(part => NameOf(part.Kind)))} only.");
            }
        }

        var offset = layout.Parts.TakeWhile(part => part.Layer != Layer).Sum(part => part.Size);
        foreach (var part in parts)
        {
            var source = Of(part.Kind);
            if (source?.Count != part.Size)
            {
                throw StateDocument.Refused($"{pointer}/{NameOf(part.Kind)}", $"{NameOf(part.Kind)} must have {part.Size} numbers.");
            }

            foreach (var value in source)
            {
                values[offset++] = value;
            }
        }
    }

    static string NameOf(StateKind kind) => JsonNamingPolicy.CamelCase.ConvertName(kind.ToString());
}
