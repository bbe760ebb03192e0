using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Sampling;
using Rnn.Engine.Scheduling;

namespace Rnn.Engine.Forecasting;

/// <summary>One way in which a series may go on: each timestep's targets, drawn or the medians, are fed back for the next.</summary>
sealed class ForecastPath
{
    readonly ForecastColumns _columns;
    readonly SeriesRows _rows;
    readonly RecurrentState _state;
    readonly Pcg32? _random;
    readonly float[] _output;
    readonly float[] _vector;
    readonly InputSequence _input;

    /// <param name="columns">What the model's features are.</param>
    /// <param name="series">What has read the past.</param>
    /// <param name="horizon">How many timesteps.</param>
    /// <param name="random">What draws; null to take the medians.</param>
    public ForecastPath(ForecastColumns columns, SeriesRun series, int horizon, Pcg32? random)
    {
        _columns = columns;
        _rows = series.Rows;
        _state = series.State.Copy();
        _output = [.. series.Output];
        _random = random;
        _vector = new float[columns.Width];
        _input = new InputSequence(_vector, columns.Width);
        Values = new float[horizon][];
    }

    /// <summary>The targets of each timestep that was taken, in the user's units.</summary>
    public float[][] Values { get; }

    /// <summary>Takes the targets of a timestep from the output before it.</summary>
    public void Take(int step)
    {
        Values[step] = _random is null ? _columns.Output.Points(_output) : Draw(_random);
        if (step + 1 < Values.Length)
        {
            _rows.Encode(_rows.Past + step, Values[step], _vector);
        }
    }

    /// <summary>Feeds them back.</summary>
    public Task StepAsync(IStepRunner runner, CancellationToken aborted) => runner.RunAsync(_state, _input, _output, aborted);

    float[] Draw(Pcg32 random)
    {
        var head = (ProbabilisticHead)_columns.Output;
        var values = new float[head.Quantities.Count];
        for (var target = 0; target < values.Length; target++)
        {
            values[target] = head.Quantile(_output, target, random.NextProbability());
        }

        return values;
    }
}
