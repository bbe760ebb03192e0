using Rnn.Engine.Models;

namespace Rnn.Engine.Sessions;

/// <summary>
/// All that a session has read since it began, whether a client gave it or a generation fed it back. Run through other weights, it
/// leads to the state that the session would have there. Immutable.
/// </summary>
/// <param name="Limit">Most timesteps.</param>
/// <param name="Meaning">What the numbers stand for: the <see cref="RecurrentModel.InputMeaning"/> of whoever read them.</param>
/// <param name="Rows">The timesteps; none once they are lost.</param>
public sealed record KeptInputs(int Limit, string Meaning, InputRows Rows)
{
    const int Overhead = 240;                              // its objects, those of the rows, and the meaning

    /// <summary>At which step something came that is not kept, so that the session can't be replayed any more; null if it can.</summary>
    public long? LostAt { get; init; }

    /// <summary>About how many bytes of memory they take.</summary>
    internal long Bytes => Overhead + Rows.Bytes;

    /// <summary>Those of a session that has read nothing.</summary>
    /// <returns>Null if none are kept.</returns>
    internal static KeptInputs? Begin(int limit, RecurrentModel model) => limit == 0 ? null : new(limit, model.InputMeaning ?? "", InputRows.None(model.FeatureCount))
    {
        LostAt = model.InputMeaning is null ? 0 : null,
    };

    /// <summary>With what came next.</summary>
    /// <param name="applied">Null if it is not known.</param>
    /// <param name="step">The step after it.</param>
    internal KeptInputs Then(InputRows? applied, long step) =>
        LostAt is not null ? this
        : applied is null || Rows.Count + applied.Count > Limit ? Lost(step)
        : this with { Rows = Rows.Then(applied) };

    /// <summary>Without the last ones.</summary>
    internal KeptInputs Back(long timesteps) => LostAt is null ? this with { Rows = Rows.First(Rows.Count - (int)timesteps) } : this;

    /// <summary>With another limit.</summary>
    internal KeptInputs Within(int limit, long step) => Rows.Count > limit ? (this with { Limit = limit }).Lost(step) : this with { Limit = limit };

    /// <summary>Without any, as the state at a step comes from elsewhere.</summary>
    internal KeptInputs Lost(long step) => LostAt is null ? this with { Rows = InputRows.None(Rows.Width), LostAt = step } : this;
}
