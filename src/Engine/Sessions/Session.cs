using Rnn.Engine.Layers;
using Rnn.Engine.Models;

namespace Rnn.Engine.Sessions;

/// <summary>A state kept under an ID. Guarded by its table's lock, but for <see cref="Turn"/> and what a turn gives.</summary>
sealed class Session(string id, RecurrentModel model, TimeSpan timeToLive, DateTimeOffset now)
{
    public string Id => id;

    public RecurrentModel Model => model;

    public TimeSpan TimeToLive => timeToLive;

    public DateTimeOffset Created { get; } = now;

    public DateTimeOffset LastUsed { get; set; } = now;

    /// <summary>The last committed state; replaced as a whole by whose turn it is and never changed, so that nobody needs a lock.</summary>
    public RecurrentState State { get; set; } = new(model.Layout);

    /// <summary>Whose turn it is. Waiters of a <see cref="SemaphoreSlim"/> that all wait asynchronously are let in first come, first served.</summary>
    public SemaphoreSlim Turn { get; } = new(1, 1);

    /// <summary>How many calls hold the session or wait for it; one in use neither expires nor is evicted.</summary>
    public int Users { get; set; }

    /// <summary>Set when the session has ended, for calls that were waiting.</summary>
    public EndedSession? Ended { get; set; }

    public DateTimeOffset Expires => LastUsed + TimeToLive;

    public SessionInfo Info() => new()
    {
        Id = Id,
        Model = Model,
        Step = State.Step,
        Created = Created,
        LastUsed = LastUsed,
        Expires = Expires,
        TimeToLive = TimeToLive,
    };
}
