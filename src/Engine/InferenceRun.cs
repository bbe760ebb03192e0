using System.Diagnostics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Models;
using Rnn.Engine.Prediction;
using Rnn.Engine.Sessions;
using Rnn.Engine.Telemetry;

namespace Rnn.Engine;

/// <summary>
/// A call under way. Its session, if it has one, is held until the run is disposed, and moves only when
/// <see cref="CommitAsync(string, ReadOnlyMemory{byte})"/> says so: a run that fails or is cut off before leaves the session where it was.
/// </summary>
public sealed class InferenceRun : IDisposable
{
    /// <summary>Makes of a request what applies its model from a state.</summary>
    internal delegate Task<Unrolling> Unroll(
        RecurrentModel model, RecurrentState state, InferenceRequest request, int history, CancellationToken aborted);

    readonly CallWatch _watch;
    readonly SessionLease? _lease;
    readonly InferenceRequest? _request;
    readonly Unroll? _unroll;
    RecurrentModel _model;
    SessionRecord? _session;
    Unrolling? _unrolling;
    AppliedInputs? _applied;                               // null if the session keeps no inputs, or they are not known
    long _firstStep;
    int _overtaken;                                        // how often in a row

    /// <summary>A run that keeps nothing.</summary>
    internal InferenceRun(CallWatch watch, RecurrentModel model, long firstStep, Unrolling unrolling, SessionRecord? session = null)
    {
        _watch = watch;
        _model = model;
        _session = session;
        _unrolling = unrolling;
        _firstStep = firstStep;
        Replayed = session?.Replayed;
    }

    /// <summary>A run that moves a session.</summary>
    internal InferenceRun(CallWatch watch, SessionLease lease, InferenceRequest request, Unroll unroll)
    {
        _watch = watch;
        _model = lease.Model;
        _lease = lease;
        _request = request;
        _unroll = unroll;
    }

    /// <summary>The model that runs.</summary>
    public RecurrentModel Model => _model;

    /// <summary>The session that is held or looked at, as it is in the store; null on a stateless call.</summary>
    public SessionRecord? Session => _session;

    /// <summary>What the same call was answered before. If there is such an answer, it is to be told again and there is nothing to run.</summary>
    public KeptAnswer? Answer { get; private set; }

    /// <summary>How many timesteps of the session were replayed before, as its model has other weights now; null if none were.</summary>
    public int? Replayed { get; private set; }

    /// <summary>The state after the last timestep that was told; of a generation that has told none, after its input.</summary>
    public RecurrentState State => Unrolling.State;

    /// <summary>How many timesteps this run has added to its state.</summary>
    public long Steps => State.Step - _firstStep;

    /// <summary>Why the generation ended; null while it goes on, or if nothing is generated.</summary>
    public FinishReason? Finish => Unrolling.Finish;

    /// <summary>What draws the same tokens again; null if nothing is drawn.</summary>
    public ulong? Seed => Unrolling.Seed;

    /// <summary>How each of several generations came out, the one whose state this is first; empty if there is only one, or while they go on.</summary>
    public IReadOnlyList<Choice> Choices => Unrolling.Choices;

    /// <summary>How probable the input is; null if that was not asked for.</summary>
    public SequenceScore? Score => Unrolling.Score;

    /// <summary>Whether what the layers compute was asked for.</summary>
    public bool IsTraced => Unrolling.Recorder is not null;

    /// <summary>What the timesteps looked like inside, those after a step up to the present one. Only of a run that <see cref="IsTraced"/>.</summary>
    /// <param name="after">The step; null for all of this run.</param>
    public NetworkTrace TraceAfter(long? after = null) => Unrolling.Recorder!.Parts(after ?? _firstStep, State.Step);

    /// <summary>What was found in all of them; null if nothing was looked for, or nothing has run.</summary>
    public NetworkTrace? TraceFindings => Unrolling.Recorder?.Findings(State.Step);

    Unrolling Unrolling => _unrolling ?? throw new UnreachableException("The call was answered before; there is nothing to run. This is a bug.");

    /// <summary>Runs to the end. May be enumerated once, and once more each time that the run has begun again.</summary>
    public async IAsyncEnumerable<Timestep> RunAsync([EnumeratorCancellation] CancellationToken aborted)
    {
        await using var timesteps = Unrolling.RunAsync(aborted).GetAsyncEnumerator(aborted);
        while (true)
        {
            _watch.Enter();
            try
            {
                if (!await timesteps.MoveNextAsync())
                {
                    yield break;
                }
            }
            catch (Exception exception)
            {
                _watch.Failed(exception);
                throw;
            }

            if (_request?.Generation is not null)
            {
                _applied?.Told(timesteps.Current);
            }

            _watch.Told(isToken: timesteps.Current.Output is Generated { Token: not null });
            yield return timesteps.Current;
        }
    }

    /// <summary>Refuses the outcome of a run that keeps nothing as a commit would; a commit does so by itself.</summary>
    /// <exception cref="EngineException">The state is not finite: the inputs drove the network out of the range of float32.</exception>
    public void ExpectFinite()
    {
        if (!TensorPrimitives.IsFiniteAll(State.Values))
        {
            var exception = new EngineException(
                ErrorKind.InvalidInput, "The inputs drive the network out of the range of float32; its state is not finite.");
            _watch.Failed(exception);
            throw exception;
        }
    }

    /// <summary>Moves the session to <see cref="State"/>, and keeps the answer with it; or ends it there, if it ends with this call. A run that keeps nothing has nothing to move.</summary>
    /// <param name="contentType">The media type of the answer.</param>
    /// <param name="body">The answer, if the call has a key; empty while there is more to come.</param>
    /// <returns>
    /// Whether it is done. If not, another process has moved the session meanwhile: what this run has told since its last commit is void,
    /// and all that is left to do with it is to <see cref="BeginAgainAsync"/>.
    /// </returns>
    /// <exception cref="EngineException">
    /// The state is not finite: the inputs drove the network out of the range of float32. Or the session is no longer where it must be,
    /// or its store is full, or can't be reached.
    /// </exception>
    public async ValueTask<bool> CommitAsync(string contentType, ReadOnlyMemory<byte> body)
    {
        ExpectFinite();
        _watch.Enter();
        try
        {
            return _lease is null || await CommitAsync(_lease, contentType, body);
        }
        catch (Exception exception)
        {
            _watch.Failed(exception);
            throw;
        }
    }

    /// <summary>
    /// Begins where the session is now, after a commit that did not succeed. Then <see cref="Answer"/> may say what the same call was
    /// answered by another process.
    /// </summary>
    /// <exception cref="EngineException">
    /// The session has ended meanwhile, or is no longer where it must be; or its store can't be reached; or others were first too often.
    /// </exception>
    public async Task BeginAgainAsync(CancellationToken aborted)
    {
        _watch.Enter();
        try
        {
            if (++_overtaken >= SessionTable.MaxTries)
            {
                throw SessionTable.Contended();
            }

            await _lease!.ReadAgainAsync(aborted);
            await BeginAsync(aborted);
        }
        catch (Exception exception)
        {
            _watch.Failed(exception);
            throw;
        }
    }

    /// <summary>Lets the session's next call in.</summary>
    public void Dispose()
    {
        _lease?.Dispose();
        _watch.End(_unrolling is null ? 0 : Steps, isReplay: Answer is not null);
    }

    async ValueTask<bool> CommitAsync(SessionLease lease, string contentType, ReadOnlyMemory<byte> body)
    {
        var (state, before) = (State, Unrolling.Trail.TakeBefore(State.Step));
        var isDone = _request!.Ends
            ? await lease.TryEndAsync(state)
            : await lease.TryMoveAsync(state, before, _applied?.TakeUpTo(state.Step), _request.Call, contentType, body);
        if (!isDone)
        {
            return false;
        }

        (_session, _overtaken) = (lease.Record, 0);
        return true;
    }

    /// <summary>Begins where the session is now.</summary>
    internal async Task BeginAsync(CancellationToken aborted)
    {
        var (lease, request) = (_lease!, _request!);
        try
        {
            await BeginAsync(lease, request, aborted);
        }
        catch (EngineException exception) when (exception.Kind != ErrorKind.Overloaded)
        {
            var seen = lease.Record.Stamp;
            await lease.ReadAgainAsync(aborted);           // what this process last saw may not be what is
            if (lease.Record.Stamp == seen)
            {
                throw;
            }

            await BeginAsync(lease, request, aborted);
        }
    }

    async Task BeginAsync(SessionLease lease, InferenceRequest request, CancellationToken aborted)
    {
        Answer = request.Call is null ? null : lease.AnswerTo(request.Call);
        (_model, _session, Replayed) = (lease.Model, lease.Record, lease.Record.Replayed);
        _watch.Runs(_model.Name, _model.Version);
        if (Answer is null)
        {
            lease.Record.Expect(request.ExpectedTag);
            _firstStep = lease.Record.State.Step;
            _unrolling = await _unroll!(lease.Model, lease.State, request, lease.Record.HistorySize, aborted);
            _applied = lease.Record.Inputs is { LostAt: null } && _unrolling.Inputs is { } given ? new AppliedInputs(_model, given, _firstStep) : null;
        }
    }
}
