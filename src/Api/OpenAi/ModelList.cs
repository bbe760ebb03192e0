using System.ComponentModel;
using System.Text.Json.Serialization;
using Rnn.Engine;
using Rnn.Engine.Models;

namespace Rnn.Api.OpenAi;

/// <summary>The models that complete or embed text.</summary>
public sealed record ModelList
{
    [JsonPropertyName("object"), Description("list.")]
    public string Object => "list";

    [JsonPropertyName("data"), Description("By name, each in the version that calls get.")]
    public required IReadOnlyList<ModelCard> Data { get; init; }

    internal static ModelList Of(VisibleModels models) => new()
    {
        Data = [.. models.All.Select(model => model.Name).Distinct().Select(name => models.Get(name, version: null)).Where(IsOffered).Select(ModelCard.Of)],
    };

    /// <exception cref="EngineException">There is none of that name, or it does nothing that this dialect asks for.</exception>
    internal static RecurrentModel Get(VisibleModels models, string name) => Offered(models.Get(name, version: null));

    /// <summary>The same for a call, which may be one of a canary's share.</summary>
    /// <inheritdoc cref="Get"/>
    internal static RecurrentModel Draw(VisibleModels models, string name) => Offered(models.Draw(name, version: null));

    static RecurrentModel Offered(RecurrentModel model) => IsOffered(model) ? model : throw new EngineException(
        ErrorKind.ModelNotFound, $"Model '{model.Name}' neither completes nor embeds text; the native protocol serves it: /api/v1/models/{model.Name}.");

    static bool IsOffered(RecurrentModel model) => model.PredictsTokens || model.EmbeddingSize > 0;
}

/// <summary>A model.</summary>
public sealed record ModelCard
{
    [JsonPropertyName("id"), Description("The name that requests use.")]
    public required string Id { get; init; }

    [JsonPropertyName("object"), Description("model.")]
    public string Object => "model";

    [JsonPropertyName("created"), Description("When its weights were written, in seconds since 1970.")]
    public required long Created { get; init; }

    [JsonPropertyName("owned_by"), Description("rnn.")]
    public string OwnedBy => "rnn";

    internal static ModelCard Of(RecurrentModel model) => new() { Id = model.Name, Created = model.Modified.ToUnixTimeSeconds() };
}
