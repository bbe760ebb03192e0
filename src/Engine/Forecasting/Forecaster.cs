using Rnn.Engine.Layers;
using Rnn.Engine.Models;
using Rnn.Engine.Sampling;
using Rnn.Engine.Scheduling;

namespace Rnn.Engine.Forecasting;

/// <summary>
/// Continues series: reads what was observed, and then unfolds the model. Series and paths go on side by side, one batch for a
/// timestep of each; none of them sees that the others are there.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="batcher">What steps it.</param>
/// <param name="limits">How much one call may ask for.</param>
sealed class Forecaster(RecurrentModel model, StepBatcher batcher, RequestLimits limits)
{
    // Enough for the largest batches; not so many that the steps of other callers wait long behind them.
    const int MaxAtOnce = 256;

    /// <param name="plan">What to forecast.</param>
    /// <param name="from">The state of a session, which is not changed; null for series that begin at their first row.</param>
    /// <param name="aborted">Ends it.</param>
    /// <exception cref="EngineException">The plan can't be carried out.</exception>
    public async Task<IReadOnlyList<Forecast>> RunAsync(ForecastPlan plan, RecurrentState? from, CancellationToken aborted)
    {
        var columns = ForecastColumns.Of(model);
        var series = plan.Series(columns);
        var (horizon, samples) = plan.Check(model.Name, columns.Output, series, limits);
        ExpectPast(series, from);

        var runs = series.Select(one => Begin(columns, new SeriesRows(columns, one, horizon), from)).ToList();
        foreach (var part in runs.Chunk(MaxAtOnce))
        {
            await ReadAsync(part, aborted);
        }

        var seed = samples > 0 ? plan.Seed ?? Seeds.Fresh() : (ulong?)null;
        var paths = await UnfoldAsync(columns, runs, horizon, samples, seed, aborted);
        return [.. runs.Select((run, index) => new Forecast(run.Rows.Id, Summary.Of(columns, run, paths[index], plan.Quantiles, isDrawn: samples > 0))
        {
            Seed = seed is null ? null : Seeds.Of(seed.Value, index),
            Paths = plan.TellsPaths ? paths[index] : null,
            Imputed = run.Rows.Missing,
        })];
    }

    static void ExpectPast(IReadOnlyList<ForecastSeries> series, RecurrentState? from)
    {
        if (from is null)
        {
            if (series.FirstOrDefault(one => one.Values.Count == 0) is { } empty)
            {
                throw EngineException.Input($"{empty.Pointer}/values", "There are no values: a forecast goes on from one row at least.");
            }

            return;
        }

        if (series.Count > 1)
        {
            throw EngineException.Input("/series", $"A session is one series; these are {series.Count}.");
        }

        if (series[0].Values.Count > 0)
        {
            throw EngineException.Input($"{series[0].Pointer}/values", "A session has read its past already; leave the values out, or step it with them first.");
        }

        if (from.Step == 0)
        {
            throw EngineException.Input("", "The session is at step 0: it has read nothing yet to go on from.");
        }
    }

    SeriesRun Begin(ForecastColumns columns, SeriesRows rows, RecurrentState? from) => from is null
        ? new(columns, rows, new RecurrentState(model.Layout), new float[model.Output.Size])
        : new(columns, rows, from, model.Read(from));

    async Task ReadAsync(SeriesRun[] runs, CancellationToken aborted)
    {
        var group = new StepGroup(batcher);
        group.Gather(runs.Length);
        await Task.WhenAll(runs.Select(async run =>
        {
            try
            {
                await run.ReadAsync(group, aborted);
            }
            finally
            {
                group.Leave();
            }
        }));
    }

    /// <returns>The paths of each series, or the one of its medians: the targets of each timestep.</returns>
    async Task<float[][][][]> UnfoldAsync(
        ForecastColumns columns, List<SeriesRun> runs, int horizon, int samples, ulong? seed, CancellationToken aborted)
    {
        var perSeries = Math.Max(samples, 1);
        var values = new List<float[][]>(runs.Count * perSeries);
        foreach (var part in Enumerable.Range(0, runs.Count * perSeries).Chunk(MaxAtOnce))
        {
            var paths = part.Select(index =>
            {
                var (series, path) = Math.DivRem(index, perSeries);
                return new ForecastPath(columns, runs[series], horizon, seed is null ? null : RandomOf(seed.Value, series, path));
            }).ToList();
            await UnfoldAsync(paths, horizon, aborted);
            values.AddRange(paths.Select(path => path.Values));
        }

        return [.. values.Chunk(perSeries)];
    }

    async Task UnfoldAsync(List<ForecastPath> paths, int horizon, CancellationToken aborted)
    {
        var group = new StepGroup(batcher);
        for (var step = 0; step < horizon; step++)
        {
            aborted.ThrowIfCancellationRequested();
            foreach (var path in paths)
            {
                path.Take(step);
            }

            if (step + 1 < horizon)
            {
                group.Gather(paths.Count);
                await Task.WhenAll(paths.Select(path => path.StepAsync(group, aborted)));
            }
        }
    }

    /// <summary>What draws a path: the same however many others there are.</summary>
    static Pcg32 RandomOf(ulong seed, int series, int path) => new(Seeds.Of(Seeds.Of(seed, series), path + 1));
}
