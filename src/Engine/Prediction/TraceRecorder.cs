using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Models;
using Rnn.Engine.Scheduling;
using Rnn.Engine.Telemetry;

namespace Rnn.Engine.Prediction;

/// <summary>
/// Advances one state and records what the layers compute. It stands where the batcher stands otherwise, so whatever runs a model can be
/// looked into, and who does not ask for it pays nothing.
/// </summary>
/// <param name="model">One that <see cref="RecurrentModel.Traces"/>.</param>
/// <param name="options">What to record; checked.</param>
/// <param name="metrics">Where the timesteps are counted.</param>
/// <param name="source">What the encoder has read before, token by token; null if there is none.</param>
sealed class TraceRecorder(RecurrentModel model, TraceOptions options, ModelMetrics metrics, IReadOnlyList<string>? source = null) : IStepRunner
{
    readonly LayerTrace _layers = new(options.Wants);
    readonly List<float[]> _logits = [];
    readonly List<float[]> _inputs = [];                   // only if an output is attributed to them
    RecurrentState? _begin;
    long? _firstStep;

    /// <inheritdoc/>
    public Task RunAsync(RecurrentState state, InputSequence inputs, Memory<float> outputs, CancellationToken aborted)
    {
        _firstStep ??= state.Step;
        _begin ??= options.Attribution is null ? null : state.Copy();
        var firstRead = inputs.Length - outputs.Length / model.Output.Size;
        for (var timestep = 0; timestep < inputs.Length; timestep++)
        {
            aborted.ThrowIfCancellationRequested();
            if (_begin is not null)
            {
                _inputs.Add(model.VectorOf(inputs[timestep]));
            }

            var output = model.Trace(state, inputs[timestep], _layers);
            if (timestep >= firstRead)
            {
                output.CopyTo(outputs[((timestep - firstRead) * output.Length)..]);
            }

            if (options.Parts.Contains(TracePart.Logits))
            {
                _logits.Add(output);
            }
        }

        metrics.Stepped(inputs.Length);
        return Task.CompletedTask;
    }

    /// <summary>What was recorded of the timesteps after one step up to another.</summary>
    public NetworkTrace Parts(long after, long upTo)
    {
        var rows = RowsOf(Math.Max(after, _firstStep ?? after), upTo);
        var parts = _layers.Rows
            .Where(part => options.Parts.Contains(part.Key.Part))
            .Select(part => new TracedPart(part.Key.Layer, part.Key.Part, [.. part.Value.Take(rows).Select(row => UnitsOf(part.Key.Part, row))]))
            .ToList();
        if (options.Parts.Contains(TracePart.Logits))
        {
            parts.Add(new("", TracePart.Logits, [.. _logits.Take(rows)]));
        }

        return new(parts, null) { Source = options.Parts.Contains(TracePart.Attention) ? source : null };
    }

    /// <summary>What was found in all timesteps up to a step; null if nothing was looked for.</summary>
    public NetworkTrace? Findings(long upTo)
    {
        var rows = RowsOf(_firstStep ?? upTo, upTo);
        if (rows.Equals(0..0) || !(options.Summarises || options.SearchesUnits || options.Attribution is not null))
        {
            return null;
        }

        var hidden = _layers.Rows.Where(part => part.Key.Part == TracePart.Hidden)
            .Select(part => (part.Key.Layer, Rows: (IReadOnlyList<float[]>)[.. part.Value.Take(rows)])).ToList();
        return new([], options.Summarises ? [.. _layers.Rows.Where(part => part.Key.Part != TracePart.Attention).Select(part => TraceSummary.Of(part.Key.Layer, part.Key.Part, [.. part.Value.Take(rows)]))] : null)
        {
            Attribution = options.Attribution is { } attribution
                ? model.Attribute(_begin!, _inputs[..((attribution.Timestep ?? rows.End.Value - 1) + 1)], options.OutputOf(model))
                : null,
            Separating = options.SeparatedSteps is { } steps ? UnitSearch.Separating(hidden, steps.ToHashSet(), options.Top) : null,
            Rises = options.RiseAbove is { } threshold ? [.. hidden.SelectMany(layer => Rises(layer.Layer, layer.Rows, threshold))] : null,
        };
    }

    Range RowsOf(long after, long upTo) => (int)(after - (_firstStep ?? after))..(int)(upTo - (_firstStep ?? upTo));

    IEnumerable<RisingUnit> Rises(string layer, IReadOnlyList<float[]> rows, double threshold) =>
        options.Units!.Where(unit => unit < rows[0].Length).Select(unit => new RisingUnit(layer, unit, [.. UnitSearch.Rises(rows, unit, threshold)]));

    float[] UnitsOf(TracePart part, float[] row) => options.Units is null || part == TracePart.Attention
        ? row
        : [.. options.Units.Where(unit => unit < row.Length).Select(unit => row[unit])];
}
