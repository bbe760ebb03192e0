using System.Runtime.CompilerServices;
using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Models;

namespace Rnn.Engine.Prediction;

/// <summary>
/// Applies a model to each input in turn, as <see cref="Fold"/> does, and records what its layers compute. It runs by itself, timestep
/// after timestep: who does not ask for it pays nothing for it.
/// </summary>
/// <param name="model">One that <see cref="RecurrentModel.Traces"/>.</param>
/// <param name="state">Where it begins; not changed.</param>
/// <param name="inputs">The timesteps.</param>
/// <param name="readout">At which of them an output is told.</param>
/// <param name="top">How many candidates a distribution lists.</param>
/// <param name="options">What to record; checked.</param>
/// <param name="history">How many of the states that it passes are wanted.</param>
sealed class Tracing(RecurrentModel model, RecurrentState state, InputSequence inputs, Readout readout, int top, TraceOptions options, int history)
    : Unrolling(state, history)
{
    readonly LayerTrace _trace = new(options.Wants);
    readonly List<float[]> _logits = [];

    public override NetworkTrace Trace
    {
        get
        {
            var parts = _trace.Rows
                .Where(row => options.Parts.Contains(row.Key.Part))
                .Select(row => new TracedPart(row.Key.Layer, row.Key.Part, [.. row.Value.Select(UnitsOf)]))
                .ToList();
            if (options.Parts.Contains(TracePart.Logits))
            {
                parts.Add(new("", TracePart.Logits, _logits));
            }

            return new(parts, options.Summarises ? [.. _trace.Rows.Select(row => TraceSummary.Of(row.Key.Layer, row.Key.Part, row.Value))] : null)
            {
                Separating = options.SeparatedSteps is { } steps ? UnitSearch.Separating(Hidden, steps.ToHashSet(), options.Top) : null,
                Rises = options.RiseAbove is { } threshold ? [.. Hidden.SelectMany(layer => Rises(layer.Layer, layer.Rows, threshold))] : null,
            };
        }
    }

    IEnumerable<(string Layer, IReadOnlyList<float[]> Rows)> Hidden =>
        _trace.Rows.Where(row => row.Key.Part == TracePart.Hidden).Select(row => (row.Key.Layer, (IReadOnlyList<float[]>)row.Value));

    IEnumerable<RisingUnit> Rises(string layer, IReadOnlyList<float[]> rows, double threshold) =>
        options.Units!.Where(unit => unit < rows[0].Length).Select(unit => new RisingUnit(layer, unit, UnitSearch.Rises(rows, unit, threshold)));

    public override async IAsyncEnumerable<Timestep> RunAsync([EnumeratorCancellation] CancellationToken aborted)
    {
        var state = State.Copy();
        for (var timestep = 0; timestep < inputs.Length; timestep++)
        {
            aborted.ThrowIfCancellationRequested();
            var output = model.Trace(state, inputs[timestep], _trace);
            Trail.Add(state);
            if (options.Parts.Contains(TracePart.Logits))
            {
                _logits.Add(output);
            }

            if (readout == Readout.All || timestep == inputs.Length - 1)
            {
                yield return new Timestep(state.Step, model.Output.Decode(output, top));
            }

            await YieldAsync(timestep + 1);
        }

        State = state;
    }

    float[] UnitsOf(float[] row) => options.Units is null ? row : [.. options.Units.Where(unit => unit < row.Length).Select(unit => row[unit])];
}
