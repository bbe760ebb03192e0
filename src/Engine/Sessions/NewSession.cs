using Rnn.Engine.Layers;
using Rnn.Engine.Models;

namespace Rnn.Engine.Sessions;

/// <summary>A session to be created; what is null is as usual.</summary>
public sealed record NewSession
{
    const int MaxTags = 16;

    /// <summary>Its ID; null for a fresh one.</summary>
    public string? Id { get; init; }

    /// <summary>How long it lives after its last use.</summary>
    public TimeSpan? TimeToLive { get; init; }

    /// <summary>How many earlier states it keeps.</summary>
    public int? History { get; init; }

    /// <summary>The inputs of how many timesteps it keeps, to be replayed on other weights.</summary>
    public int? InputsKept { get; init; }

    /// <summary>What its client calls it, for lists.</summary>
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>The name of the model's state that it begins with.</summary>
    public string? InitialState { get; init; }

    /// <summary>The state that it begins with, given the model's layout; instead of a name.</summary>
    public Func<StateLayout, RecurrentState>? State { get; init; }

    internal TimeSpan ValidTimeToLive(SessionOptions options) =>
        TimeToLive is null || (TimeToLive > TimeSpan.Zero && TimeToLive <= options.MaxTimeToLive)
            ? TimeToLive ?? options.TimeToLive
            : throw EngineException.Input(
                "/timeToLive", $"timeToLive must be above 0 and at most {options.MaxTimeToLive.TotalSeconds} seconds.");

    internal int ValidHistory(SessionOptions options, StateLayout layout)
    {
        var most = options.MostHistory(layout);
        return History is null or >= 0 && (History ?? 0) <= most
            ? History ?? 0
            : throw EngineException.Input("/history", $"history must be 0 to {most} for this model, whose state has {layout.Size} floats.");
    }

    internal int ValidInputsKept(SessionOptions options, RecurrentModel model)
    {
        var most = options.MostKeptInputs(model);
        return InputsKept switch
        {
            null => Math.Min(options.KeptInputs, most),
            > 0 when model.InputMeaning is null => throw new EngineException(
                ErrorKind.NotSupported, $"Sessions of model '{model.Name}' can't keep their inputs: that takes a model of one stack which reads tokens or numeric features.", "/keptInputs"),
            >= 0 when InputsKept <= most => InputsKept.Value,
            _ => throw EngineException.Input("/keptInputs", $"keptInputs must be 0 to {most} for this model."),
        };
    }

    internal IReadOnlyList<string> ValidTags()
    {
        var tags = Tags ?? [];
        if (tags.Count > MaxTags)
        {
            throw EngineException.Input("/tags", $"A session has at most {MaxTags} tags; these are {tags.Count}.");
        }

        foreach (var (index, tag) in tags.Index())
        {
            if (!SessionId.IsValid(tag))
            {
                throw EngineException.Input($"/tags/{index}", $"A tag has {SessionId.Rule}.");
            }
        }

        return [.. tags.Distinct(StringComparer.Ordinal)];
    }
}
