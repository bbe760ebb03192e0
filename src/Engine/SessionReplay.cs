using System.Numerics.Tensors;
using Rnn.Engine.Codecs;
using Rnn.Engine.Models;
using Rnn.Engine.Prediction;
using Rnn.Engine.Scheduling;
using Rnn.Engine.Sessions;

namespace Rnn.Engine;

/// <summary>
/// Brings a session to other weights: its state means nothing to them, but what led to it does. That is run as any sequence is, so the
/// bits are those of a new session on the model that is given the same.
/// </summary>
static class SessionReplay
{
    /// <inheritdoc cref="Replay"/>
    public static async Task<SessionRecord> RunAsync(SessionRecord session, RecurrentModel model, Lanes lanes, CancellationToken aborted)
    {
        try
        {
            var inputs = Encode(model, RowsFor(model, session));
            var begin = model.InitialState(session.InitialState).Copy();
            begin.Step = session.State.Step - inputs.Length;
            var begun = session with
            {
                Version = model.Version,
                Fingerprint = model.Layout.Fingerprint,
                State = Snapshot.Of(begin),
                History = [],
                Replayed = inputs.Length,
            };
            if (inputs.Length == 0)
            {
                return begun;
            }

            lanes.Admit(model, inputs.Length);
            return await RunAsync(begun, model, lanes.Of(model), inputs, aborted);
        }
        catch (EngineException refused) when (refused.Kind == ErrorKind.InvalidInput)
        {
            throw Refused(refused.Message);
        }
    }

    static async Task<SessionRecord> RunAsync(SessionRecord begun, RecurrentModel model, StepBatcher batcher, InputSequence inputs, CancellationToken aborted)
    {
        var fold = new Fold(model, batcher, begun.State.ToState(model.Layout), inputs, Readout.Last, top: 1, begun.HistorySize);
        await foreach (var _ in fold.RunAsync(aborted))
        {
            // What it tells was told before.
        }

        return TensorPrimitives.IsFiniteAll(fold.State.Values)
            ? begun.MovedTo(fold.State, fold.Trail.TakeBefore(fold.State.Step), applied: null) with { Inputs = begun.Inputs }
            : throw Refused("What it has read drives the network out of the range of float32.");
    }

    static InputRows RowsFor(RecurrentModel model, SessionRecord session)
    {
        if (session.Inputs is not { } kept)
        {
            throw Refused("It can't be replayed: it does not keep its inputs. Create sessions with keptInputs for that.");
        }

        if (kept.LostAt is { } step)
        {
            throw Refused($"It can't be replayed: at step {step} it took in what is not among its kept inputs, or went beyond the {kept.Limit} timesteps of them.");
        }

        return kept.Meaning == model.InputMeaning ? kept.Rows : throw Refused(
            $"It can't be replayed: version {model.Version} of model '{model.Name}' reads other {(kept.Rows.Width == 0 ? "tokens" : "features")} than those that it keeps.");
    }

    static InputSequence Encode(RecurrentModel model, InputRows rows) => rows.Width == 0
        ? new InputSequence(rows.Tokens.Items)
        : model.Input.Encode(new() { Values = [.. rows.Values.Items.ToArray().Chunk(rows.Width)] });

    static EngineException Refused(string message) => new(ErrorKind.StateRefused, message);
}
