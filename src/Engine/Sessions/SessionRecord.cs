using Rnn.Engine.Layers;

namespace Rnn.Engine.Sessions;

/// <summary>
/// All that is kept of a session, as one value that is written as a whole: never a state without its step, nor an answer
/// without the state it led to. Immutable.
/// </summary>
public sealed record SessionRecord
{
    /// <summary>The session's ID.</summary>
    public required string Id { get; init; }

    /// <summary>To whom it belongs; null if nobody is told apart.</summary>
    public string? Owner { get; init; }

    /// <summary>What it is kept under.</summary>
    public string Key => new SessionKey(Owner, Id).ToString();

    /// <summary>
    /// Drawn anew for every write: what a store compares before it replaces a record. A step number would not do, as a session
    /// that was rewound comes to the same number again with another state. 0 if it was never written.
    /// </summary>
    public required long Stamp { get; init; }

    /// <summary>The name of its model.</summary>
    public required string Model { get; init; }

    /// <summary>The version of its model.</summary>
    public required int Version { get; init; }

    /// <summary>Identifies the weights that its states belong to.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>Where it stands. Without values once it has ended.</summary>
    public required Snapshot State { get; init; }

    /// <summary>How many earlier states are kept, at most.</summary>
    public int HistorySize { get; init; }

    /// <summary>The states of the timesteps before, the earliest first.</summary>
    public IReadOnlyList<Snapshot> History { get; init; } = [];

    /// <summary>What it has read since it began; null if that is not kept.</summary>
    public KeptInputs? Inputs { get; init; }

    /// <summary>How many timesteps were replayed to bring it onto the weights that it is on, while that is not written; it never is.</summary>
    public int? Replayed { get; init; }

    /// <summary>How often it was put back: reset, rewound, or given another state. A step number means something only together with it.</summary>
    public int Epoch { get; init; }

    /// <summary>The answers to the last calls with an idempotency key, the earliest first.</summary>
    public IReadOnlyList<KeptAnswer> Answers { get; init; } = [];

    /// <summary>Hashes of the keys whose answers are not kept any more, the earliest first: such a call is not applied again either.</summary>
    public IReadOnlyList<ulong> PastKeys { get; init; } = [];

    /// <summary>The name of the model's state that it began with; null for the model's usual one.</summary>
    public string? InitialState { get; init; }

    /// <summary>What its client calls it, for lists.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>When it was created.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When it was last used.</summary>
    public required DateTimeOffset LastUsed { get; init; }

    /// <summary>How long it lives after its last use.</summary>
    public required TimeSpan TimeToLive { get; init; }

    /// <summary>How it ended; null while it lives.</summary>
    public Ending? Ended { get; init; }

    /// <summary>When it ends unless it is used before.</summary>
    public DateTimeOffset Expires => LastUsed + TimeToLive;

    /// <summary>
    /// What a client compares to know whether the session is where it thinks: the step, and after a dot the epoch once there is one.
    /// </summary>
    public string Tag => Epoch == 0 ? $"{State.Step}" : $"{State.Step}.{Epoch}";

    /// <summary>About how many bytes of memory it takes.</summary>
    public long Bytes
    {
        get
        {
            const int Overhead = 512;                      // the record itself, its ID, and its places in tables
            const int AnswerOverhead = 200;                // its objects and those of its key
            const int TagOverhead = 40;
            var bytes = Overhead + State.Bytes + sizeof(ulong) * PastKeys.Count + (Inputs?.Bytes ?? 0);
            foreach (var state in History)
            {
                bytes += state.Bytes;
            }

            foreach (var answer in Answers)
            {
                bytes += AnswerOverhead + sizeof(char) * (answer.Call.Key.Length + answer.Tag.Length) + answer.Body.Length;
            }

            foreach (var tag in Tags)
            {
                bytes += TagOverhead + sizeof(char) * tag.Length;
            }

            return bytes;
        }
    }

    /// <summary>Whether it lives at a time.</summary>
    public bool IsLiving(DateTimeOffset now) => Ended is null && now < Expires;

    /// <summary>The session after further timesteps.</summary>
    /// <param name="state">The state after them, of which a copy is taken.</param>
    /// <param name="passed">The states between, the earliest first; kept, not copied.</param>
    /// <param name="applied">What led from where it is to there; null if that is not known.</param>
    internal SessionRecord MovedTo(RecurrentState state, IReadOnlyList<RecurrentState> passed, InputRows? applied) => state.Step == State.Step ? this : this with
    {
        State = Snapshot.Of(state),
        Inputs = Inputs?.Then(applied, state.Step),
        History = HistorySize == 0
            ? []
            : [.. History.Append(State).Concat(passed.Select(Snapshot.Over)).TakeLast(HistorySize)],
    };

    /// <summary>The session with the answer to a call kept, in place of an earlier one to the same call.</summary>
    internal SessionRecord Answered(KeptAnswer answer, SessionOptions options)
    {
        if (answer.Body.Length > options.MaxAnswerBytes)
        {
            answer = answer with { Body = ReadOnlyMemory<byte>.Empty };
        }

        var answers = Answers.Where(other => other.Call != answer.Call).Append(answer).ToList();
        var past = PastKeys;
        while (answers.Count > options.KeptAnswers || answers.Sum(other => other.Body.Length) > options.MaxAnswerBytes)
        {
            past = [.. past.Append(answers[0].Call.Hash).TakeLast(options.RememberedKeys)];
            answers.RemoveAt(0);
        }

        return this with { Answers = answers, PastKeys = past };
    }

    /// <summary>What is remembered of it when it has ended.</summary>
    /// <param name="reason">Why it ended.</param>
    /// <param name="when">When.</param>
    public SessionRecord End(EndReason reason, DateTimeOffset when) => this with
    {
        Stamp = NewStamp(),
        State = State with { Values = [] },
        History = [],
        Inputs = null,
        Answers = [],
        PastKeys = [],
        Tags = [],
        Ended = new Ending(reason, when),
    };

    /// <summary>Checks where it is.</summary>
    /// <param name="tag">The <see cref="Tag"/> it must have; null for any.</param>
    /// <exception cref="EngineException">It is elsewhere.</exception>
    public void Expect(string? tag)
    {
        if (tag is not null && tag != Tag)
        {
            throw new EngineException(ErrorKind.StepMismatch, $"The session is at '{Tag}', not at '{tag}'.");
        }
    }

    /// <summary>A stamp for the next write; never 0.</summary>
    public static long NewStamp() => Random.Shared.NextInt64(1, long.MaxValue);
}
