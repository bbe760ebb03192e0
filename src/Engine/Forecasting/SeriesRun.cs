using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Scheduling;

namespace Rnn.Engine.Forecasting;

/// <summary>
/// A model that reads a series' past: a fold, which stops before each timestep that lacks a target and takes what it has just
/// predicted for it.
/// </summary>
/// <param name="columns">What the model's features are.</param>
/// <param name="rows">What it reads.</param>
/// <param name="state">Where it begins; advanced in place.</param>
/// <param name="output">The network's output there, [O]; of a series with a past, room for it.</param>
sealed class SeriesRun(ForecastColumns columns, SeriesRows rows, RecurrentState state, float[] output)
{
    public SeriesRows Rows => rows;

    /// <summary>The state that paths begin with.</summary>
    public RecurrentState State => state;

    /// <summary>The network's output there, [O].</summary>
    public float[] Output => output;

    /// <summary>Reads the past.</summary>
    /// <exception cref="EngineException">The inputs drive the network out of its range.</exception>
    public async Task ReadAsync(IStepRunner runner, CancellationToken aborted)
    {
        for (var start = 0; start < rows.Past;)
        {
            var end = start + 1;
            while (end < rows.Past && !rows.IsOpen(end))
            {
                end++;
            }

            await runner.RunAsync(state, Inputs(start, end), output, aborted);
            start = end;
        }
    }

    InputSequence Inputs(int start, int end)
    {
        var predicted = rows.IsOpen(start) ? columns.Output.Points(output) : [];
        var vectors = new float[(end - start) * columns.Width];
        for (var timestep = start; timestep < end; timestep++)
        {
            rows.Encode(timestep, predicted, vectors.AsSpan((timestep - start) * columns.Width, columns.Width));
        }

        return new InputSequence(vectors, columns.Width);
    }
}
