using System.Runtime.CompilerServices;
using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Models;
using Rnn.Engine.Monitoring;
using Rnn.Engine.Scheduling;

namespace Rnn.Engine.Prediction;

/// <summary>Compares a timestep's values with what the model had predicted for them, and then applies it.</summary>
/// <param name="model">One that <see cref="RecurrentModel.Forecasts"/>.</param>
/// <param name="batcher">What steps it.</param>
/// <param name="state">Where the stream is.</param>
/// <param name="observed">What came, of each feature in the user's unit. A target may be missing: the prediction then stands for it.</param>
/// <param name="history">How many of the states that it passes are wanted.</param>
sealed class Observing(RecurrentModel model, StepBatcher batcher, RecurrentState state, IReadOnlyList<double?> observed, int history)
    : Unrolling(state, history)
{
    readonly FeatureCodec _codec = (FeatureCodec)model.Input;
    readonly NumericHead _head = (NumericHead)model.Output;

    public override async IAsyncEnumerable<Timestep> RunAsync([EnumeratorCancellation] CancellationToken aborted)
    {
        var state = State.Copy();
        var output = state.Step > 0 ? model.Read(state) : null;
        var input = Encode(output);
        var predicted = output is null ? null : _head.Decode(output, 0);
        var comparison = output is null ? null : Compare(output, state);
        output ??= new float[_head.Size];
        await ApplyAsync(batcher, state, input, output, aborted);
        State = state;
        yield return new Timestep(state.Step, new Observation(predicted, comparison, _head.Decode(output, 0)));
    }

    Comparison? Compare(float[] output, RecurrentState state)
    {
        var monitor = new StreamMonitor(_head);
        double[] actual = [.. model.Targets.Select(target => observed[target] ?? double.NaN)];
        return monitor.Compare(output, actual, state.Mutable[^monitor.Part.Size..]);
    }

    InputSequence Encode(float[]? output)
    {
        _codec.ExpectCount("/values", observed.Count);
        return _codec.Encode(new() { Vector = [.. observed.Select((value, feature) => value ?? Predicted(feature, output))] });
    }

    double Predicted(int feature, float[]? output)
    {
        var name = _codec.Features[feature].Name;
        var target = Array.IndexOf([.. model.Targets], feature);
        if (target < 0)
        {
            throw EngineException.Input($"/values/{feature}", $"{name} is missing, and this model does not predict it; give its last value if it has not changed.");
        }

        return output is null
            ? throw EngineException.Input($"/values/{feature}", $"{name} is missing in the first timestep, with nothing before it to predict it from.")
            : _head.Points(output)[target];
    }
}

/// <summary>What a monitor says of a timestep.</summary>
/// <param name="Predicted">What had been predicted for it; null for a stream's first timestep.</param>
/// <param name="Comparison">How that compares with what came; null if there was no prediction, or nothing came.</param>
/// <param name="Next">What is predicted for the next timestep.</param>
public sealed record Observation(Output? Predicted, Comparison? Comparison, Output Next) : Output;
