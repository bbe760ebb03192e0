using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Manifests;
using Rnn.Engine.Numerics;

namespace Rnn.Engine.Models;

/// <summary>How far the outputs of one example are off from what the training framework gave.</summary>
/// <param name="Index">Which example.</param>
/// <param name="Outputs">How many numbers it has.</param>
/// <param name="Deviation">The largest difference of one.</param>
/// <param name="Tolerance">How far one may be off: absolutely, and as much again relative to its size.</param>
/// <param name="Fault">The first that is beyond, as a sentence; null if none is.</param>
public sealed record ExampleResult(int Index, int Outputs, float Deviation, float Tolerance, string? Fault);

/// <summary>Runs a model's examples, so that a model whose numbers are not its training framework's never serves.</summary>
public static class ExampleCheck
{
    /// <summary>Compares a model's outputs with those of its training framework.</summary>
    /// <exception cref="EngineException">An example's input can't be read.</exception>
    public static IEnumerable<ExampleResult> Measure(RecurrentModel model) =>
        model.Manifest.Examples.Select((example, index) => Compare(
            index, [.. example.Output], LastOutput(model, index, example), example.Tolerance, "the training framework gave"));

    /// <summary>Compares the outputs of a model with those of the same in a precision below float32, over its examples.</summary>
    public static IEnumerable<ExampleResult> Measure(RecurrentModel exact, RecurrentModel rounded)
    {
        var tolerance = exact.Manifest.PrecisionTolerance ?? (rounded.Manifest.Precision == Precision.Bf16 ? 0.1f : 0.5f);
        return exact.Manifest.Examples.Select((example, index) => Compare(
            index, LastOutput(exact, index, example), LastOutput(rounded, index, example), tolerance, "in float32 it is"));
    }

    /// <returns>The largest deviation of an output; null without examples.</returns>
    /// <exception cref="EngineException">One is beyond its tolerance.</exception>
    internal static float? Run(RecurrentModel model) => Largest(Measure(model));

    /// <returns>The largest difference of an output; null without examples.</returns>
    /// <exception cref="EngineException">One is beyond the tolerance of the precision.</exception>
    internal static float? Compare(RecurrentModel exact, RecurrentModel rounded) => Largest(Measure(exact, rounded));

    static float? Largest(IEnumerable<ExampleResult> results)
    {
        float? largest = null;
        foreach (var result in results)
        {
            largest = result.Fault is null ? Math.Max(largest ?? 0, result.Deviation) : throw EngineException.Model(result.Fault);
        }

        return largest;
    }

    static ExampleResult Compare(int index, float[] expected, float[] actual, float tolerance, string whose)
    {
        if (expected.Length != actual.Length)
        {
            return new(index, actual.Length, float.NaN, tolerance, $"model.json: examples[{index}].output has {expected.Length} numbers; the model gives {actual.Length}.");
        }

        var (largest, fault) = (0f, (string?)null);
        for (var i = 0; i < actual.Length; i++)
        {
            var deviation = Math.Abs(actual[i] - expected[i]);
            largest = Math.Max(largest, deviation);
            fault ??= deviation <= tolerance * (1 + Math.Abs(expected[i]))
                ? null
                : $"examples[{index}]: output {i} is {actual[i]}; {whose} {expected[i]}, tolerance {tolerance}.";
        }

        return new(index, actual.Length, largest, tolerance, fault);
    }

    static float[] LastOutput(RecurrentModel model, int index, ExampleManifest example)
    {
        try
        {
            var inputs = model.Input.Encode(new ModelInput { Text = example.Text, Tokens = example.Tokens, Values = example.Values, Words = example.Words });
            if (inputs.Length == 0)
            {
                throw EngineException.Model($"model.json: examples[{index}] has no input.");
            }

            if (!model.IsCausal && inputs.Length > model.MaxTimestepsAtOnce)
            {
                throw EngineException.Model($"model.json: examples[{index}] has {inputs.Length} timesteps; at most {model.MaxTimestepsAtOnce} can be run at once.");
            }

            return model.Output.Values(Run(model, Begin(model, index, example), model.Mask?.Kept(inputs) is { } kept ? inputs.Of(kept) : inputs));
        }
        catch (EngineException exception) when (exception.Kind == ErrorKind.InvalidInput)
        {
            throw EngineException.Model($"model.json: examples[{index}]{exception.Pointer}: {exception.Message}");
        }
    }

    static RecurrentState Begin(RecurrentModel model, int index, ExampleManifest example)
    {
        if ((example.Source is null) != (model.Encoder is null))
        {
            throw EngineException.Model($"model.json: examples[{index}] must have a source if, and only if, the model has an encoder.");
        }

        if (model.Encoder is null)
        {
            return new RecurrentState(model.Layout);
        }

        var source = model.Encoder.Model.Input.Encode(new ModelInput { Text = example.Source });
        return source.Length > 0 && source.Length <= model.Encoder.MaxLength
            ? model.Encoder.Begin(model.Layout, source)
            : throw EngineException.Model($"model.json: examples[{index}].source has {source.Length} timesteps; it must have 1 to {model.Encoder.MaxLength}.");
    }

    static float[] Run(RecurrentModel model, RecurrentState state, InputSequence inputs)
    {
        if (!model.IsCausal && inputs.Length > 0)
        {
            var output = new float[model.Output.Size];
            model.Run([state], inputs.Length, inputs.At(0, inputs.Length), [inputs.Length - 1], output);
            return output;
        }

        for (var timestep = 0; timestep < inputs.Length; timestep++)
        {
            model.Step([state], inputs[timestep]);
        }

        return model.Read(state);
    }
}
