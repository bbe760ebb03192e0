using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Rnn.Engine.Telemetry;

/// <summary>
/// What the engine counts and times. An instrument that nobody listens to costs next to nothing; what happens at every tick is
/// counted in a field and read when somebody asks. Labels are bounded: models that are or were loaded, and names from this code; never
/// an ID or an input. docs/observability.md lists the instruments.
/// </summary>
public sealed class EngineMetrics
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "Rnn.Engine";

    // From a small network's step to a long generation.
    static readonly InstrumentAdvice<double> Durations = new()
    {
        HistogramBucketBoundaries =
        [
            0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
        ],
    };

    static readonly InstrumentAdvice<int> BatchSizes = new()
    {
        HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096],
    };

    readonly Meter _meter;
    readonly ConcurrentDictionary<(string Name, int Version), ModelMetrics> _models = [];
    readonly Counter<long> _errors;
    readonly Histogram<double> _stores;

    /// <summary>Metrics on a meter of their own.</summary>
    public EngineMetrics()
        : this(new Meter(MeterName))
    {
    }

    /// <param name="meter">One of the name <see cref="MeterName"/>.</param>
    public EngineMetrics(Meter meter)
    {
        _meter = meter;
        _errors = meter.CreateCounter<long>("rnn.errors", "{error}", "Calls that could not be carried out, by the kind of error.");
        _stores = meter.CreateHistogram("rnn.store.duration", "s", "How long a durable store took for an operation, tries included.", advice: Durations);
        Requests = meter.CreateHistogram("rnn.request.duration", "s", "How long a call took, its turn on the session and the commit included.", advice: Durations);
        FirstTokens = meter.CreateHistogram("rnn.time_to_first_token", "s", "How long until a generation told its first timestep.", advice: Durations);
        Waits = meter.CreateHistogram("rnn.queue.duration", "s", "How long timesteps waited for their first tick.", advice: Durations);
        Ticks = meter.CreateHistogram("rnn.compute.duration", "s", "How long a tick computed. The sum's rate is the number of cores at work.", advice: Durations);
        Batches = meter.CreateHistogram("rnn.batch.size", "{call}", "How many calls a tick ran together.", advice: BatchSizes);
        Tokens = meter.CreateCounter<long>("rnn.tokens", "{token}", "Tokens that generations told.");
        Replays = meter.CreateCounter<long>("rnn.idempotent_replays", "{call}", "Calls that were told the answer they had been given before.");
        Created = meter.CreateCounter<long>("rnn.sessions.created", "{session}", "Sessions created, forks included.");
        Ended = meter.CreateCounter<long>("rnn.sessions.ended", "{session}", "Sessions that ended, by the reason, as far as this process noticed.");
        Spilled = meter.CreateCounter<long>("rnn.sessions.spilled", "{session}", "Sessions that left memory for want of room; their store still has them.");
        Replayed = meter.CreateCounter<long>("rnn.sessions.replayed", "{session}", "Sessions that were brought to other weights by their inputs.");
        meter.CreateObservableCounter("rnn.steps", Each(model => model.Steps), "{timestep}", "Timesteps computed.");
        meter.CreateObservableUpDownCounter("rnn.request.active", Each(model => model.Active), "{call}", "Calls under way.");
        meter.CreateObservableUpDownCounter("rnn.queue.size", Each(model => model.Waiting), "{call}", "Calls whose timesteps wait for a tick.");
        meter.CreateObservableUpDownCounter("rnn.queue.limit", Each(model => model.QueueLimit), "{call}", "Most that may wait; one more is answered 503.");
    }

    internal Histogram<double> Requests { get; }

    internal Histogram<double> FirstTokens { get; }

    internal Histogram<double> Waits { get; }

    internal Histogram<double> Ticks { get; }

    internal Histogram<int> Batches { get; }

    internal Counter<long> Tokens { get; }

    internal Counter<long> Replays { get; }

    internal Counter<long> Created { get; }

    internal Counter<long> Ended { get; }

    internal Counter<long> Spilled { get; }

    internal Counter<long> Replayed { get; }

    /// <summary>Tells how many sessions are in memory, and how many bytes they take.</summary>
    /// <param name="store">What keeps the sessions: <c>memory</c>, <c>sqlite</c>, <c>redis</c>.</param>
    /// <param name="held">Looks.</param>
    public void ObserveSessions(string store, Func<(int Count, long Bytes)> held)
    {
        var label = new KeyValuePair<string, object?>("store", store);
        _meter.CreateObservableUpDownCounter(
            "rnn.sessions.active", () => new Measurement<long>(held().Count, label), "{session}", "Sessions in memory: of the memory store all that live, of a durable one those used last.");
        _meter.CreateObservableUpDownCounter(
            "rnn.state.bytes", () => new Measurement<long>(held().Bytes, label), "By", "What the sessions in memory take, about.");
    }

    /// <summary>A durable store has done something, or failed to.</summary>
    /// <param name="store">Which.</param>
    /// <param name="operation">What: <c>read</c>, <c>write</c> and so on.</param>
    /// <param name="began">When it began, by <see cref="Stopwatch"/>.</param>
    public void Stored(string store, string operation, long began) =>
        _stores.Record(Stopwatch.GetElapsedTime(began).TotalSeconds, new("store", store), new KeyValuePair<string, object?>("operation", operation));

    /// <summary>A call could not be carried out.</summary>
    /// <param name="kind">Why: the name of the error, as in docs/errors.md.</param>
    /// <param name="model">What it would have run on; null if that is not known, as there may be no such model.</param>
    public void Failed(string kind, ModelMetrics? model)
    {
        var tags = model?.Tags ?? [];
        tags.Add("error.type", kind);
        _errors.Add(1, tags);
    }

    /// <summary>The instruments of a model. Only for one that is loaded, or was.</summary>
    public ModelMetrics Of(string name, int version) =>
        _models.GetOrAdd((name, version), static (key, metrics) => new ModelMetrics(metrics, key.Name, key.Version), this);

    Func<IEnumerable<Measurement<long>>> Each(Func<ModelMetrics, long> read) =>
        () => _models.Values.Select(model => new Measurement<long>(read(model), model.Tags));
}
