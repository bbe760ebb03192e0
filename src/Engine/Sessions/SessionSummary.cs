namespace Rnn.Engine.Sessions;

/// <summary>What a list tells of a session: all but its states and answers, so that a page takes little memory however large these are.</summary>
public sealed record SessionSummary
{
    /// <inheritdoc cref="SessionRecord.Id"/>
    public required string Id { get; init; }

    /// <inheritdoc cref="SessionRecord.Model"/>
    public required string Model { get; init; }

    /// <inheritdoc cref="SessionRecord.Version"/>
    public required int Version { get; init; }

    /// <summary>How many timesteps it has taken.</summary>
    public required long Step { get; init; }

    /// <inheritdoc cref="SessionRecord.HistorySize"/>
    public required int HistorySize { get; init; }

    /// <summary>The step of the earliest state that is kept; null if none is but the present one.</summary>
    public required long? EarliestStep { get; init; }

    /// <inheritdoc cref="KeptInputs.Limit"/>
    public required int InputsKept { get; init; }

    /// <inheritdoc cref="KeptInputs.LostAt"/>
    public required long? InputsLostAt { get; init; }

    /// <inheritdoc cref="SessionRecord.InitialState"/>
    public required string? InitialState { get; init; }

    /// <inheritdoc cref="SessionRecord.Tags"/>
    public required IReadOnlyList<string> Tags { get; init; }

    /// <inheritdoc cref="SessionRecord.Created"/>
    public required DateTimeOffset Created { get; init; }

    /// <inheritdoc cref="SessionRecord.LastUsed"/>
    public required DateTimeOffset LastUsed { get; init; }

    /// <inheritdoc cref="SessionRecord.TimeToLive"/>
    public required TimeSpan TimeToLive { get; init; }

    /// <inheritdoc cref="SessionRecord.Bytes"/>
    public required long Bytes { get; init; }

    /// <inheritdoc cref="SessionRecord.Expires"/>
    public DateTimeOffset Expires => LastUsed + TimeToLive;

    /// <summary>What a list tells of a record.</summary>
    public static SessionSummary Of(SessionRecord session) => new()
    {
        Id = session.Id,
        Model = session.Model,
        Version = session.Version,
        Step = session.State.Step,
        HistorySize = session.HistorySize,
        EarliestStep = session.History is [var earliest, ..] ? earliest.Step : null,
        InputsKept = session.Inputs?.Limit ?? 0,
        InputsLostAt = session.Inputs?.LostAt,
        InitialState = session.InitialState,
        Tags = session.Tags,
        Created = session.Created,
        LastUsed = session.LastUsed,
        TimeToLive = session.TimeToLive,
        Bytes = session.Bytes,
    };
}
