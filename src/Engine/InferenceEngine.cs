using Rnn.Engine.Codecs;
using Rnn.Engine.Forecasting;
using Rnn.Engine.Layers;
using Rnn.Engine.Models;
using Rnn.Engine.Prediction;
using Rnn.Engine.Scheduling;
using Rnn.Engine.Sessions;
using Rnn.Engine.Telemetry;

namespace Rnn.Engine;

/// <summary>
/// The engine of a process: its models, its sessions, and the one way to run them. Thread-safe; made once.
/// </summary>
public sealed class InferenceEngine
{
    readonly RequestLimits _limits;
    readonly EngineMetrics _metrics;

    /// <param name="sessions">The states that are kept.</param>
    /// <param name="limits">How much one call may ask for.</param>
    /// <param name="batching">How the steps of different callers are run together.</param>
    /// <param name="metrics">What is counted and timed; null for a meter of its own.</param>
    public InferenceEngine(SessionTable sessions, RequestLimits limits, BatchOptions batching, EngineMetrics? metrics = null)
    {
        ArgumentNullException.ThrowIfNull(sessions);
        (Sessions, _limits, _metrics) = (sessions, limits, metrics ?? new());
        Lanes = new(batching, _metrics, sessions.Time);
        sessions.SessionWeights.Replay = (session, model, aborted) => SessionReplay.RunAsync(session, model, Lanes, aborted);
    }

    internal Lanes Lanes { get; }

    /// <summary>What is served to the present caller.</summary>
    public VisibleModels Models => Sessions.Models;

    /// <summary>The states that are kept.</summary>
    public SessionTable Sessions { get; }

    /// <summary>
    /// Checks a request against its model and the limits, and waits for its session's turn; an encoder reads its source here. The
    /// caller runs, commits and disposes what it gets, or tells again what it was told before.
    /// </summary>
    /// <exception cref="EngineException">The request can't be run; the session, if there is one, is untouched.</exception>
    public async Task<InferenceRun> StartAsync(InferenceRequest request, CancellationToken aborted)
    {
        var watch = new CallWatch(_metrics, request.Generation is not null);
        try
        {
            return await StartAsync(request, watch, aborted);
        }
        catch (Exception exception)
        {
            watch.Failed(exception);
            watch.End();
            throw;
        }
    }

    /// <summary>Continues series, from their first rows or from where a session is; the session stays there.</summary>
    /// <exception cref="EngineException">The plan can't be carried out.</exception>
    public async Task<ForecastResult> ForecastAsync(ForecastPlan plan, CancellationToken aborted)
    {
        var watch = new CallWatch(_metrics, isGeneration: false);
        try
        {
            return await ForecastAsync(plan, watch, aborted);
        }
        catch (Exception exception)
        {
            watch.Failed(exception);
            throw;
        }
        finally
        {
            watch.End();
        }
    }

    /// <summary>Looks for units in the hidden states that a session keeps.</summary>
    /// <exception cref="EngineException">There is no such session, or what is asked for is not in it.</exception>
    public async Task<UnitFindings> FindUnitsAsync(string session, UnitQuery query, CancellationToken aborted)
    {
        var record = await Sessions.LookAsync(session, aborted);
        return query.Search(record, Sessions.SessionWeights.ModelOf(record).Layout);
    }

    /// <summary>Lets a request of several parts in, before any of them has begun; each is then an <see cref="InferenceRequest.IsPart"/>. One alone is let in as it begins.</summary>
    /// <param name="model">What they run on.</param>
    /// <param name="parts">How many there are, or may be.</param>
    /// <exception cref="EngineException">They would wait too long.</exception>
    public void Admit(RecurrentModel model, int parts)
    {
        if (parts > 1 && Refusal([model]) is { } refusal)
        {
            throw refusal;
        }
    }

    /// <summary>
    /// Whether a call would be refused because too many wait, as far as that can be told from where it goes. Costs far less than to refuse it when it
    /// has begun; what is not told here, <see cref="StartAsync(InferenceRequest, CancellationToken)"/> tells.
    /// </summary>
    /// <param name="model">The model's name; null if it is a session's.</param>
    /// <param name="session">The session; null if there is none.</param>
    /// <param name="aborted">Gives up.</param>
    /// <returns>What it is told; null if it may come.</returns>
    public async ValueTask<EngineException?> RefusalAsync(string? model, string? session, CancellationToken aborted)
    {
        if (!Lanes.HaveRefused)
        {
            return null;
        }

        if (session is null)
        {
            return model is null ? null : Refusal([.. Models.All.Where(loaded => loaded.Name == model)]);
        }

        return await Sessions.ModelOfAsync(session, aborted) is { } its ? Refusal([its]) : null;
    }

    /// <summary>A call that may run on any of these is refused if none has room.</summary>
    EngineException? Refusal(IReadOnlyList<RecurrentModel> models)
    {
        EngineException? refusal = null;
        foreach (var model in models)
        {
            if ((refusal = Lanes.Refusal(model, timesteps: 1)) is null)
            {
                return null;
            }
        }

        if (refusal is not null)
        {
            _metrics.Failed(CallWatch.KindOf(refusal), _metrics.Of(models[0].Name, models[0].Version));
        }

        return refusal;
    }

    async Task<InferenceRun> StartAsync(InferenceRequest request, CallWatch watch, CancellationToken aborted)
    {
        if (request.Session is null)
        {
            var model = Models.Draw(request.Model ?? "", request.Version);
            watch.Runs(model.Name, model.Version);
            var state = request.From?.Invoke(model.Layout) ?? new RecurrentState(model.Layout);
            return new InferenceRun(watch, model, state.Step, await UnrollAsync(model, state, request, history: 0, aborted));
        }

        if (!request.Commits)
        {
            var (session, model) = await PeekAsync(request.Session, request.ExpectedTag, watch, aborted);
            var unrolling = await UnrollAsync(model, session.State.ToState(model.Layout), request, history: 0, aborted);
            return new InferenceRun(watch, model, session.State.Step, unrolling, session);
        }

        var lease = request.Begins
            ? await Sessions.BeginAsync(Models.Draw(request.Model ?? "", request.Version), new() { Id = request.Session, State = request.From }, request.Call, aborted)
            : await Sessions.AcquireAsync(request.Session, request.Call, aborted);
        try
        {
            var run = new InferenceRun(watch, lease, request, UnrollAsync);
            await run.BeginAsync(aborted);
            return run;
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    async Task<ForecastResult> ForecastAsync(ForecastPlan plan, CallWatch watch, CancellationToken aborted)
    {
        if (plan.Session is null)
        {
            var model = Models.Draw(plan.Model ?? "", plan.Version);
            watch.Runs(model.Name, model.Version);
            Lanes.Admit(model, timesteps: 1);
            return new(model, null, await ForecasterOf(model).RunAsync(plan, from: null, aborted));
        }

        var (session, sessionModel) = await PeekAsync(plan.Session, plan.ExpectedTag, watch, aborted);
        Lanes.Admit(sessionModel, timesteps: 1);
        return new(sessionModel, session, await ForecasterOf(sessionModel).RunAsync(plan, session.State.ToState(sessionModel.Layout), aborted));
    }

    /// <summary>A session that a call starts from and leaves where it is.</summary>
    async Task<(SessionRecord Session, RecurrentModel Model)> PeekAsync(string id, string? tag, CallWatch watch, CancellationToken aborted)
    {
        var session = await Sessions.LookAsync(id, aborted);
        session.Expect(tag);
        await Sessions.TouchAsync(session);
        var model = Sessions.SessionWeights.ModelOf(session);
        watch.Runs(model.Name, model.Version);
        return (session, model);
    }

    Forecaster ForecasterOf(RecurrentModel model) => new(model, Lanes.Of(model), _limits);

    async Task<Unrolling> UnrollAsync(
        RecurrentModel model, RecurrentState state, InferenceRequest request, int history, CancellationToken aborted)
    {
        ExpectSupported(model, request);
        if (request.Observed is { } observed)
        {
            Admit(model, request, timesteps: 1);
            return new Observing(model, Lanes.Of(model), state, observed, history);
        }

        if (request.ScoredTop is { } top)
        {
            return await ScoreAsync(model, state, request, top, aborted);
        }

        if (request.Generation is { } generation)
        {
            return await GenerateAsync(model, state, request, generation, history, aborted);
        }

        var inputs = NotEmpty(model, Encode(model, request));
        Admit(model, request, inputs.Length);
        var recorder = request.Trace is { } trace ? new TraceRecorder(model, trace.Check(model, inputs.Length, _limits), _metrics.Of(model.Name, model.Version)) : null;
        return new Fold(model, (IStepRunner?)recorder ?? Lanes.Of(model), state, inputs, request.Readout, request.Top, history) { Recorder = recorder, Inputs = inputs };
    }

    void Admit(RecurrentModel model, InferenceRequest request, int timesteps)
    {
        if (!request.IsPart)
        {
            Lanes.Admit(model, timesteps);
        }
    }

    async Task<Scoring> ScoreAsync(RecurrentModel model, RecurrentState state, InferenceRequest request, int top, CancellationToken aborted)
    {
        var inputs = NotEmpty(model, Encode(model, request));
        Admit(model, request, inputs.Length);
        if (model.Encoder is not { } encoder)
        {
            return new(model, Lanes.Of(model), state, inputs, top, beginsText: state.Step == 0);
        }

        if (request.Source is { } source)
        {
            state = await ReadSourceAsync(model, encoder, request with { Input = source }, state.Step, aborted);
        }
        else if (state.Step == 0)
        {
            throw EngineException.Input("/source", "A source is needed: the decoder has read none yet.");
        }

        // Its end is scored too, so that this is the log-probability that a generation of it has.
        int[] end = model.Input is TokenCodec { Vocabulary.End: { } token } ? [token] : [];
        var ended = new InputSequence((int[])[.. inputs.At(0, inputs.Length).Tokens, .. end]);
        return new(model, Lanes.Of(model), state, ended, top, beginsText: request.Source is not null);
    }

    async Task<RecurrentState> ReadSourceAsync(RecurrentModel model, Encoder encoder, InferenceRequest request, long step, CancellationToken aborted)
    {
        try
        {
            var source = NotEmpty(encoder.Model, Encode(encoder.Model, request));
            Admit(encoder.Model, request, source.Length);
            return await BeginAsync(model, encoder, source, step, aborted);
        }
        catch (EngineException refused) when (refused.Kind == ErrorKind.InvalidInput)
        {
            throw EngineException.Input("/source", refused.Message);
        }
    }

    static InputSequence NotEmpty(RecurrentModel model, InputSequence inputs) => inputs.Length > 0
        ? inputs
        : throw EngineException.Input("", $"The input is empty; this model reads {model.Input.Reads}.");

    async Task<Unrolling> GenerateAsync(
        RecurrentModel model, RecurrentState state, InferenceRequest request, GenerationOptions generation, int history, CancellationToken aborted)
    {
        var inputs = Encode(model.Encoder?.Model ?? model, request);
        Validate(model, generation);
        Admit(model, request, inputs.Length + generation.MaxLength);
        var source = model.Encoder?.Model.Input is TokenCodec reads && request.Trace is not null && inputs.Length > 0
            ? inputs.At(0, inputs.Length).Tokens.ToArray().Select((token, index) => reads.TextOf(token, index == 0)).ToList()
            : null;
        var beginsText = inputs.Length == 0 ? state.Step == 0 : model.Encoder is not null;
        if (model.Encoder is { } encoder && inputs.Length > 0)
        {
            Admit(encoder.Model, request, inputs.Length);
            state = await BeginAsync(model, encoder, inputs, state.Step, aborted);
        }

        if (beginsText)
        {
            inputs = model.Input is TokenCodec { Vocabulary.Start: { } start } && (model.Encoder is null || state.Step > 0)
                ? new InputSequence(new[] { start })
                : throw EngineException.Input(
                    "", $"A generation from the zero state needs an input; this model reads {(model.Encoder?.Model ?? model).Input.Reads}.");
        }

        var recorder = request.Trace is { } trace
            ? new TraceRecorder(model, trace.CheckGeneration(model, inputs.Length, generation, _limits), _metrics.Of(model.Name, model.Version), source)
            : null;
        Unrolling unrolling = model.Input is TokenCodec
            ? TokenUnrolling.Of(model, Lanes.Of(model), state, inputs, beginsText, generation, recorder, history)
            : new ValueGeneration(model, (IStepRunner?)recorder ?? Lanes.Of(model), state, inputs, generation, history) { Recorder = recorder };
        unrolling.Inputs = inputs;
        return unrolling;
    }

    /// <summary>Has the encoder read the source.</summary>
    /// <returns>The state of a decoder that has read nothing yet.</returns>
    async Task<RecurrentState> BeginAsync(RecurrentModel model, Encoder encoder, InputSequence source, long step, CancellationToken aborted)
    {
        if (source.Length > encoder.MaxLength)
        {
            throw EngineException.Input("", $"The input has {source.Length} timesteps; the encoder of this model reads {encoder.MaxLength} at most.");
        }

        var state = new RecurrentState(encoder.Model.Layout);
        var outputs = encoder.NewOutputs(model.Layout, source.Length);
        await Lanes.Of(encoder.Model).RunAsync(state, source, outputs, aborted);
        return encoder.Begin(model.Layout, state, outputs, step);
    }

    static void ExpectSupported(RecurrentModel model, InferenceRequest request)
    {
        if (request.IsSingleStep || request.Generation is not null || request.From is not null || request.ReturnsState)
        {
            model.ExpectCausal();
        }

        if (model.Encoder is not null && (request.Generation, request.ScoredTop) is (null, null))
        {
            throw new EngineException(
                ErrorKind.NotSupported, $"Model '{model.Name}' is an encoder-decoder: it reads a source as a whole and tells another text. It offers generate and score.");
        }

        if (model.Encoder is null && request.Source is not null)
        {
            throw EngineException.Input("/source", $"Model '{model.Name}' is no encoder-decoder, so there is no source; give the text before in a session, or score it with the rest.");
        }

        if (request.Observed is not null && !model.Forecasts)
        {
            throw new EngineException(
                ErrorKind.NotSupported,
                $"Model '{model.Name}' can't watch a stream: that takes numeric features and, of some of them, the next value as output.");
        }

        if (request.ScoredTop is { } top)
        {
            ExpectScored(model, top);
        }

        if (model.ReadsLastOnly && request is { Readout: Readout.All, Generation: null })
        {
            throw new EngineException(
                ErrorKind.NotSupported, $"Model '{model.Name}' has one output, at the end of the sequence. Ask for the last.", "/return");
        }
    }

    static void ExpectScored(RecurrentModel model, int top)
    {
        if (!model.PredictsTokens)
        {
            throw new EngineException(
                ErrorKind.NotSupported, $"Model '{model.Name}' does not tell the next token, so there is nothing to score. It offers step and sequence.");
        }

        if (top is < 0 or > ChoiceOptions.MaxTop)
        {
            throw EngineException.Input("/top", $"top must be 0 to {ChoiceOptions.MaxTop}.");
        }
    }

    InputSequence Encode(RecurrentModel model, InferenceRequest request)
    {
        // Length first: a text is never shorter in characters than in tokens, so nothing large is encoded in vain.
        Limit("text", request.Input.Text?.Length);
        Limit("tokens", request.Input.Tokens?.Count);
        Limit("words", request.Input.Words?.Count);
        Limit("values", request.Input.Values?.Count);
        if (request.Top < 1)
        {
            throw EngineException.Input("/top", "top must be 1 or more.");
        }

        var inputs = model.Input.Encode(request.Input);
        if (!model.IsCausal && inputs.Length > model.MaxTimestepsAtOnce)
        {
            throw EngineException.Input(
                "", $"The input has {inputs.Length} timesteps; this model reads a sequence as a whole, and at most {model.MaxTimestepsAtOnce} at once.");
        }

        return !request.IsSingleStep || inputs.Length == 1
            ? inputs
            : throw EngineException.Input(
                "", $"A step takes exactly one timestep; this input has {inputs.Length}. This model reads {model.Input.Reads}.");
    }

    void Limit(string name, int? length)
    {
        if (length > _limits.MaxTimesteps)
        {
            throw EngineException.Input($"/{name}", $"{name} has {length} timesteps; one call takes at most {_limits.MaxTimesteps}.");
        }
    }

    void Validate(RecurrentModel model, GenerationOptions options)
    {
        if (!model.Generates)
        {
            throw new EngineException(
                ErrorKind.NotSupported,
                $"Model '{model.Name}' does not generate: its output is not its next input. It offers step and sequence.");
        }

        if (options.MaxLength < 1 || options.MaxLength > _limits.MaxGeneratedLength)
        {
            throw EngineException.Input("/maxLength", $"maxLength must be 1 to {_limits.MaxGeneratedLength}.");
        }

        if (options.Stop.Count > _limits.MaxStopStrings)
        {
            throw EngineException.Input("/stop", $"stop has {options.Stop.Count} strings; at most {_limits.MaxStopStrings} are taken.");
        }

        foreach (var (index, stop) in options.Stop.Index())
        {
            if (stop is null or "" || stop.Length > _limits.MaxStopLength)
            {
                throw EngineException.Input($"/stop/{index}", $"A stop string has 1 to {_limits.MaxStopLength} characters.");
            }
        }

        options.Sampling.Validate();
        options.Choice.Validate(model, options.Sampling);
        var inAll = (long)options.Choice.Sequences * options.MaxLength;
        if (options.Choice.Sequences > 1 && inAll > _limits.MaxGeneratedInAll)
        {
            throw EngineException.Input(
                "/maxLength", $"{options.Choice.Sequences} generations of {options.MaxLength} timesteps are {inAll}; one call generates at most {_limits.MaxGeneratedInAll} in all.");
        }
    }
}
