using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using Rnn.Engine.Models;

namespace Rnn.Api.Rest;

/// <summary>Which version to load or unload.</summary>
public sealed record ModelLifeRequest
{
    [Description("The version; all of them if left out.")]
    public int? Version { get; init; }
}

/// <summary>A version of a model that lies in the folder, served or not.</summary>
public sealed record ModelStatusResponse
{
    [Description("The model's name.")]
    public required string Name { get; init; }

    [Description("Its version; none if its folder's name is not a number.")]
    public int? Version { get; init; }

    [Description("loading, ready, failed or unloaded; only one that is ready is served.")]
    [JsonConverter(typeof(ModelStateConverter))]
    public required ModelState State { get; init; }

    [Description("Why it was refused; of one that is ready, why its changed files are not served in its place.")]
    public string? Reason { get; init; }

    internal static ModelStatusResponse From(ModelStatus status) =>
        new() { Name = status.Name, Version = status.Version, State = status.State, Reason = status.Reason };
}

sealed class ModelStateConverter() : JsonStringEnumConverter<ModelState>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);
