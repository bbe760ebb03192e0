using System.ComponentModel;
using Rnn.Api.Rest;
using Rnn.Engine.Codecs;
using Rnn.Engine.Models;

namespace Rnn.Api.Mcp;

/// <summary>A call that says nothing.</summary>
sealed record NoBody;

/// <summary>What there is to call.</summary>
sealed record ModelList
{
    [Description("Every version of every model.")]
    public required IReadOnlyList<ModelCard> Models { get; init; }
}

/// <summary>What an assistant has to know of a model: enough to call it, and no vocabulary of ten thousand words.</summary>
sealed record ModelCard
{
    [Description("The name to give as model.")]
    public required string Name { get; init; }

    [Description("The version; the highest is the default.")]
    public required int Version { get; init; }

    [Description("What it does.")]
    public string? Description { get; init; }

    [Description("What it reads: characters or words (give text), word-features (text, or its words), tokens (token indices), or features (numbers in values).")]
    public required string Reads { get; init; }

    [Description("The numbers of a timestep, in their order, each with its unit.")]
    public IReadOnlyList<QuantityResponse>? Features { get; init; }

    [Description("What it tells: the next token, one of the labels, or values with their units.")]
    public required ModelOutputResponse Tells { get; init; }

    [Description("The tools that take it.")]
    public required IReadOnlyList<string> Tools { get; init; }

    public static ModelCard From(RecurrentModel model)
    {
        var input = ModelInputResponse.From((model.Encoder?.Model ?? model).Input);
        return new()
        {
            Name = model.Name,
            Version = model.Version,
            Description = model.Manifest.Description,
            Reads = input.Kind,
            Features = input.Features,
            Tells = ModelOutputResponse.From(model.Output),
            Tools = [.. ToolsOf(model)],
        };
    }

    static IEnumerable<string> ToolsOf(RecurrentModel model)
    {
        (string Tool, bool IsOffered)[] tools =
        [
            ("predict", model.Encoder is null),
            ("classify", model.Encoder is null && model.Output is ClassHead),
            ("forecast", model.Forecasts),
            ("complete", model.Generates),
            ("score", model.PredictsTokens),
            ("start_session", model.IsCausal),
        ];
        return tools.Where(tool => tool.IsOffered).Select(tool => tool.Tool);
    }
}
