using System.Numerics.Tensors;
using Rnn.Engine.Layers;
using Rnn.Engine.Models;
using Rnn.Engine.Prediction;
using Rnn.Engine.Sessions;

namespace Rnn.Engine;

/// <summary>
/// A call under way. Its session, if it has one, is held until the run is disposed, and moves only when
/// <see cref="Commit"/> is called: a run that fails or is cut off before leaves the session where it was.
/// </summary>
public sealed class InferenceRun : IDisposable
{
    readonly Unrolling _unrolling;
    readonly SessionLease? _lease;
    readonly long _firstStep;

    internal InferenceRun(RecurrentModel model, Unrolling unrolling, SessionLease? lease)
    {
        Model = model;
        _unrolling = unrolling;
        _lease = lease;
        _firstStep = unrolling.State.Step;
    }

    /// <summary>The model that runs.</summary>
    public RecurrentModel Model { get; }

    /// <summary>The ID of the session that is held, if any.</summary>
    public string? Session => _lease?.Id;

    /// <summary>The state after the last timestep that was told.</summary>
    public RecurrentState State => _unrolling.State;

    /// <summary>How many timesteps this run has added to its state.</summary>
    public long Steps => State.Step - _firstStep;

    /// <summary>Why the generation ended; null while it goes on, or if nothing is generated.</summary>
    public FinishReason? Finish => _unrolling.Finish;

    /// <summary>What draws the same tokens again; null if nothing is drawn.</summary>
    public ulong? Seed => _unrolling.Seed;

    /// <summary>Runs to the end. May be enumerated once.</summary>
    public IAsyncEnumerable<Timestep> RunAsync(CancellationToken aborted) => _unrolling.RunAsync(aborted);

    /// <summary>Moves the session to <see cref="State"/>. A stateless run has nothing to move.</summary>
    /// <exception cref="EngineException">The state is not finite: the inputs drove the network out of the range of float32.</exception>
    public void Commit()
    {
        if (!TensorPrimitives.IsFiniteAll(State.Values))
        {
            throw new EngineException(
                ErrorKind.InvalidInput, "The inputs drive the network out of the range of float32; its state is not finite.");
        }

        _lease?.Commit(State);
    }

    /// <summary>Lets the session's next call in.</summary>
    public void Dispose() => _lease?.Dispose();
}
