using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using Rnn.Engine;
using Rnn.Engine.Sessions;

namespace Rnn.Api.Rest;

/// <summary>A session to create.</summary>
public sealed record CreateSessionRequest
{
    [Description("The model it runs on.")]
    public required string Model { get; init; }

    [Description("The model's version; its default if left out. The session stays on it.")]
    public int? Version { get; init; }

    [Description("The session's ID; a random one is made if left out."), RegularExpression(SessionId.Pattern)]
    public string? Id { get; init; }

    [Description("Seconds that the session lives after its last use; the server's default if left out.")]
    public double? TimeToLive { get; init; }

    [Description("How many earlier states are kept, to rewind to, to fork from and to read. Each takes as much room as the state itself.")]
    [Range(0, int.MaxValue), DefaultValue(0)]
    public int? History { get; init; }

    [Description("The inputs of how many timesteps are kept, so that the session can be replayed on other weights; the server's default if left out. Beyond it the session goes on and can't be replayed any more.")]
    [Range(0, int.MaxValue)]
    public int? KeptInputs { get; init; }

    [Description("Up to 16 names to find the session by in the list; each like an ID.")]
    public IReadOnlyList<string>? Tags { get; init; }

    [Description("The name of the model's state to begin with; its usual one, zero if not said otherwise, if left out.")]
    public string? InitialState { get; init; }

    [Description("The state to begin with, as an earlier reply gave it; instead of a name.")]
    public StateDocument? State { get; init; }

    internal NewSession ToSession(StateForms states) => State is not null && InitialState is not null
        ? throw EngineException.Input("/state", "A session begins with a state, or with a named one, not with both.")
        : new()
        {
            Id = Id,
            TimeToLive = Duration(TimeToLive),
            History = History,
            InputsKept = KeptInputs,
            Tags = Tags,
            InitialState = InitialState,
            State = State is null ? null : layout => states.Read(State, layout, "/state"),
        };

    // Held to what a TimeSpan can hold, and far beyond what is allowed: it is the engine that refuses.
    internal static TimeSpan? Duration(double? seconds) => seconds is null ? null : TimeSpan.FromSeconds(Math.Clamp(seconds.Value, -1e9, 1e9));
}

/// <summary>A session to create from another; what is left out is as in the other.</summary>
public sealed record ForkRequest
{
    [Description("The new session's ID; a random one is made if left out."), RegularExpression(SessionId.Pattern)]
    public string? Id { get; init; }

    [Description("The step of the other to begin at, one that it keeps; where it is now if left out.")]
    public long? Step { get; init; }

    [Description("Seconds that the new session lives after its last use.")]
    public double? TimeToLive { get; init; }

    [Description("How many earlier states the new session keeps. It begins with none."), Range(0, int.MaxValue)]
    public int? History { get; init; }

    [Description("The inputs of how many timesteps the new session keeps. It has those that led to where it begins."), Range(0, int.MaxValue)]
    public int? KeptInputs { get; init; }

    [Description("Its tags.")]
    public IReadOnlyList<string>? Tags { get; init; }

    internal NewSession ToSession() => new()
    {
        Id = Id,
        TimeToLive = CreateSessionRequest.Duration(TimeToLive),
        History = History,
        InputsKept = KeptInputs,
        Tags = Tags,
    };
}

/// <summary>Where to go back to.</summary>
public sealed record RewindRequest
{
    [Description("An earlier step whose state is kept.")]
    public required long Step { get; init; }
}

/// <summary>Which version to move to.</summary>
public sealed record MoveRequest
{
    [Description("The version; the default if left out.")]
    public int? Version { get; init; }

    [Description("What goes over: the state as it is, or what the session has read, which is replayed there. Replay takes kept inputs, see `keptInputs` of a session, and any size of state.")]
    [DefaultValue(MoveBy.State), JsonConverter(typeof(MoveByConverter))]
    public MoveBy By { get; set; } = MoveBy.State;
}

/// <summary>How a session comes to another version.</summary>
public enum MoveBy
{
    /// <summary>Its state goes over as it is.</summary>
    State,

    /// <summary>What it has read is replayed there.</summary>
    Replay,
}

/// <summary>Writes <see cref="MoveBy"/> as <c>state</c> or <c>replay</c>.</summary>
sealed class MoveByConverter() : JsonStringEnumConverter<MoveBy>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);

/// <summary>Where a session stands.</summary>
public sealed record SessionResponse
{
    [Description("The session's ID.")]
    public required string Id { get; init; }

    [Description("The model it runs on.")]
    public required string Model { get; init; }

    [Description("The model's version.")]
    public required int Version { get; init; }

    [Description("How many timesteps it has taken.")]
    public required long Step { get; init; }

    [Description("When it was created.")]
    public required DateTimeOffset Created { get; init; }

    [Description("When it was last used.")]
    public required DateTimeOffset LastUsed { get; init; }

    [Description("When it ends unless it is used before.")]
    public required DateTimeOffset Expires { get; init; }

    [Description("Seconds that it lives after its last use.")]
    public required double TimeToLive { get; init; }

    [Description("About how many bytes of memory it takes, with history and kept answers.")]
    public required long Bytes { get; init; }

    [Description("How many earlier states it keeps at most; none if it keeps none.")]
    public int? History { get; init; }

    [Description("The earliest step whose state it keeps now; none if it keeps no earlier state.")]
    public long? EarliestStep { get; init; }

    [Description("The inputs of how many timesteps it keeps at most; none if it keeps none.")]
    public int? KeptInputs { get; init; }

    [Description("Whether it can be replayed on other weights, if it keeps its inputs.")]
    public bool? Replayable { get; init; }

    [Description("The step at which it could no longer be replayed: it had more timesteps than it keeps, or took in what is not kept.")]
    public long? NotReplayableSince { get; init; }

    [Description("How many timesteps were replayed. Only in the reply to a move by replay.")]
    public int? Replayed { get; init; }

    [Description("Its tags; none if it has none.")]
    public IReadOnlyList<string>? Tags { get; init; }

    [Description("The name of the model's state that it began with, if it has one.")]
    public string? InitialState { get; init; }

    internal static SessionResponse From(SessionSummary session) => new()
    {
        Id = session.Id,
        Model = session.Model,
        Version = session.Version,
        Step = session.Step,
        Created = session.Created,
        LastUsed = session.LastUsed,
        Expires = session.Expires,
        TimeToLive = session.TimeToLive.TotalSeconds,
        Bytes = session.Bytes,
        History = session.HistorySize > 0 ? session.HistorySize : null,
        EarliestStep = session.EarliestStep,
        KeptInputs = session.InputsKept > 0 ? session.InputsKept : null,
        Replayable = session.InputsKept > 0 ? session.InputsLostAt is null : null,
        NotReplayableSince = session.InputsLostAt,
        Tags = session.Tags is [] ? null : session.Tags,
        InitialState = session.InitialState,
    };
}

/// <summary>A page of sessions.</summary>
public sealed record SessionPage
{
    [Description("The sessions in the order of their IDs.")]
    public required IReadOnlyList<SessionResponse> Sessions { get; init; }

    [Description("Give it as `after` for the next page; none on the last.")]
    public string? Next { get; init; }
}
