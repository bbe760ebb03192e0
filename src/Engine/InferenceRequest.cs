using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Prediction;
using Rnn.Engine.Sessions;

namespace Rnn.Engine;

/// <summary>
/// What to run. Every protocol becomes one of these: on a model from a given or the zero state, or on a session.
/// </summary>
public sealed record InferenceRequest
{
    /// <summary>The model of a stateless call.</summary>
    public string? Model { get; init; }

    /// <summary>The model's version; null for its default, or one that gets a share of such calls.</summary>
    public int? Version { get; init; }

    /// <summary>The session of a call that keeps its state.</summary>
    public string? Session { get; init; }

    /// <summary>Where the session must be (<see cref="SessionRecord.Tag"/>); null for anywhere.</summary>
    public string? ExpectedTag { get; init; }

    /// <summary>What makes the call unique, so that a session is moved by it once however often it is sent; null if nothing does.</summary>
    public IdempotencyKey? Call { get; init; }

    /// <summary>
    /// Whether it is part of a request that was let in as a whole (<see cref="InferenceEngine.Admit(Models.RecurrentModel, int)"/>): then it waits for
    /// its turn, where a call of its own would be refused if that were long.
    /// </summary>
    public bool IsPart { get; init; }

    /// <summary>Whether the session moves on; if not, it is left as it is, and nobody has to wait.</summary>
    public bool Commits { get; init; } = true;

    /// <summary>
    /// Whether the session begins with this call, on the request's model: it is created, or begins anew if it lives. Both
    /// happen together with the call's own timesteps, or not at all.
    /// </summary>
    public bool Begins { get; init; }

    /// <summary>Whether the session ends with this call, if it succeeds.</summary>
    public bool Ends { get; init; }

    /// <summary>Where a call that has no session before it begins, given its model; null for the zero state.</summary>
    public Func<StateLayout, RecurrentState>? From { get; init; }

    /// <summary>Whether the state after the call is wanted.</summary>
    public bool ReturnsState { get; init; }

    /// <summary>The timesteps to apply; before a generation, the prompt.</summary>
    public ModelInput Input { get; init; } = new();

    /// <summary>Whether exactly one timestep must be given.</summary>
    public bool IsSingleStep { get; init; }

    /// <summary>At which timesteps an output is read.</summary>
    public Readout Readout { get; init; } = Readout.Last;

    /// <summary>How many candidates a distribution lists. 1 or more.</summary>
    public int Top { get; init; } = 5;

    /// <summary>How many alternatives are told of each input token, if how probable they are is asked for; null if not. 0 to 20.</summary>
    public int? ScoredTop { get; init; }

    /// <summary>What an encoder-decoder reads before the input that is scored; null to go on from the state. Only with <see cref="ScoredTop"/>.</summary>
    public ModelInput? Source { get; init; }

    /// <summary>What to show of the timesteps; null for nothing.</summary>
    public TraceOptions? Trace { get; init; }

    /// <summary>What came in a stream that is watched, of each feature; null entries are missing. Null if it is not watched.</summary>
    public IReadOnlyList<double?>? Observed { get; init; }

    /// <summary>How to generate after the input; null to apply the input only.</summary>
    public GenerationOptions? Generation { get; init; }
}
