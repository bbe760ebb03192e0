using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Rnn.Engine.Sessions;

namespace Rnn.Api.Rest;

/// <summary>A session to create.</summary>
public sealed record CreateSessionRequest
{
    [Description("The model it runs on.")]
    public required string Model { get; init; }

    [Description("The model's version; its highest if left out. The session stays on it.")]
    public int? Version { get; init; }

    [Description("The session's ID; a random one is made if left out."), RegularExpression(SessionId.Pattern)]
    public string? Id { get; init; }

    [Description("Seconds that the session lives after its last use; the server's default if left out.")]
    public double? TimeToLive { get; init; }
}

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

    [Description("Bytes of its state in binary form.")]
    public required int StateBytes { get; init; }

    internal static SessionResponse From(SessionInfo session) => new()
    {
        Id = session.Id,
        Model = session.Model.Name,
        Version = session.Model.Version,
        Step = session.Step,
        Created = session.Created,
        LastUsed = session.LastUsed,
        Expires = session.Expires,
        TimeToLive = session.TimeToLive.TotalSeconds,
        StateBytes = Engine.Layers.StateCodec.Size(session.Model.Layout),
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
