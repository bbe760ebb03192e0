using System.ComponentModel.DataAnnotations;
using Rnn.Engine.Layers;
using Rnn.Engine.Models;

namespace Rnn.Engine.Sessions;

/// <summary>How many sessions are kept, how much of each, and for how long.</summary>
public sealed class SessionOptions : IValidatableObject
{
    /// <summary>
    /// Most sessions in memory. One more ends the least recently used; with a durable store it only leaves memory.
    /// </summary>
    [Range(1, 100_000_000)]
    public int Capacity { get; init; } = 100_000;

    /// <summary>Most bytes of memory that sessions take. Beyond it the least recently used goes, as beyond the capacity.</summary>
    [Range(1L << 20, 1L << 50)]
    public long MaxBytes { get; init; } = 1L << 30;

    /// <summary>Most sessions of one owner, that is of one key or subject; a further one is refused.</summary>
    [Range(1, 100_000_000)]
    public int MaxPerOwner { get; init; } = 10_000;

    /// <summary>
    /// Most bytes that the sessions of one owner take; what makes them more is refused. On Redis each server counts those in its memory.
    /// </summary>
    [Range(1024, 1L << 50)]
    public long MaxBytesPerOwner { get; init; } = 256L << 20;

    /// <summary>How long a session lives after its last use, unless it was created with a time of its own.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00")]
    public TimeSpan TimeToLive { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>The longest time to live that a session may be created with.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00")]
    public TimeSpan MaxTimeToLive { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How long an ended session is remembered, so that a late call learns why its session is gone.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "365.00:00:00")]
    public TimeSpan RememberEnded { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How many ended sessions the memory store remembers at most.</summary>
    [Range(0, 10_000_000)]
    public int RememberedEnded { get; init; } = 10_000;

    /// <summary>Most earlier states that a session may keep.</summary>
    [Range(0, 1_000_000)]
    public int MaxHistory { get; init; } = 1_024;

    /// <summary>Most bytes that the earlier states of a session may take.</summary>
    [Range(0, 1L << 30)]
    public long MaxHistoryBytes { get; init; } = 1L << 20;

    /// <summary>The inputs of how many timesteps a session keeps, to be replayed on other weights, if its creation does not say.</summary>
    [Range(0, 1_000_000)]
    public int KeptInputs { get; init; }

    /// <summary>Most timesteps whose inputs a session may keep.</summary>
    [Range(0, 1_000_000)]
    public int MaxKeptInputs { get; init; } = 65_536;

    /// <summary>Most bytes that the kept inputs of a session may take.</summary>
    [Range(0, 1L << 30)]
    public long MaxKeptInputBytes { get; init; } = 1L << 20;

    /// <summary>What happens to a session whose version has other weights than when the session began.</summary>
    [EnumDataType(typeof(ModelChange))]
    public ModelChange OnModelChange { get; init; } = ModelChange.Pin;

    /// <summary>How many answers to calls with an idempotency key a session keeps; the oldest goes when one more comes.</summary>
    [Range(1, 1_000)]
    public int KeptAnswers { get; init; } = 16;

    /// <summary>How many keys before those are remembered without their answers, 8 bytes each, so that such a call is not applied again.</summary>
    [Range(0, 100_000)]
    public int RememberedKeys { get; init; } = 256;

    /// <summary>Most bytes that the kept answers of a session take; a larger one is not kept, and old ones go before their time.</summary>
    [Range(0, 1L << 30)]
    public int MaxAnswerBytes { get; init; } = 64 << 10;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => TimeToLive <= MaxTimeToLive
        ? []
        : [new($"{nameof(TimeToLive)} {TimeToLive} is longer than {nameof(MaxTimeToLive)} {MaxTimeToLive}. A number without colons is one of days.", [nameof(TimeToLive)])];

    /// <summary>Most earlier states that a session of a model may keep.</summary>
    internal int MostHistory(StateLayout layout) => (int)Math.Min(MaxHistory, MaxHistoryBytes / Snapshot.BytesOf(layout.Size));

    /// <summary>Most timesteps whose inputs a session of a model may keep; 0 if the model is none for that.</summary>
    internal int MostKeptInputs(RecurrentModel model) =>
        model.InputMeaning is null ? 0 : (int)Math.Min(MaxKeptInputs, MaxKeptInputBytes / InputRows.BytesOf(model.FeatureCount));
}
