using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Manifests;
using Rnn.Engine.Numerics;

namespace Rnn.Engine.Models;

/// <summary>Runs a model's examples, so that a model whose numbers are not its training framework's never serves.</summary>
static class ExampleCheck
{
    /// <summary>Compares a model's outputs with those of the training framework.</summary>
    /// <returns>The largest deviation of an output; null without examples.</returns>
    /// <exception cref="EngineException">One is beyond its tolerance.</exception>
    public static float? Run(RecurrentModel model)
    {
        float? largest = null;
        foreach (var (index, example) in model.Manifest.Examples.Index())
        {
            var output = LastOutput(model, index, example);
            if (output.Length != example.Output.Count)
            {
                throw EngineException.Model(
                    $"model.json: examples[{index}].output has {example.Output.Count} numbers; the model gives {output.Length}.");
            }

            for (var i = 0; i < output.Length; i++)
            {
                var expected = example.Output[i];
                largest = Math.Max(largest ?? 0, Math.Abs(output[i] - expected));
                if (!(Math.Abs(output[i] - expected) <= example.Tolerance * (1 + Math.Abs(expected))))
                {
                    throw EngineException.Model(
                        $"examples[{index}]: output {i} is {output[i]}; the training framework gave {expected}, tolerance {example.Tolerance}.");
                }
            }
        }

        return largest;
    }

    /// <summary>Compares the outputs of a model with those of the same in a precision below float32, over its examples.</summary>
    /// <returns>The largest difference of an output; null without examples.</returns>
    /// <exception cref="EngineException">One is beyond the tolerance of the precision.</exception>
    public static float? Compare(RecurrentModel exact, RecurrentModel rounded)
    {
        var tolerance = exact.Manifest.PrecisionTolerance ?? DefaultTolerance(rounded.Manifest.Precision);
        float? largest = null;
        foreach (var (index, example) in exact.Manifest.Examples.Index())
        {
            foreach (var (output, roundedOutput) in LastOutput(exact, index, example).Zip(LastOutput(rounded, index, example)))
            {
                largest = Math.Max(largest ?? 0, Math.Abs(output - roundedOutput));
                if (!(Math.Abs(output - roundedOutput) <= tolerance * (1 + Math.Abs(output))))
                {
                    throw EngineException.Model(
                        $"examples[{index}]: in {rounded.Manifest.Precision} an output is {roundedOutput}, in float32 {output}; "
                        + $"tolerance {tolerance}. Set another precision, or precisionTolerance.");
                }
            }
        }

        return largest;
    }

    /// <summary>The outputs of a model at the end of an example.</summary>
    public static float[] LastOutput(RecurrentModel model, int index, ExampleManifest example)
    {
        try
        {
            var inputs = model.Input.Encode(new ModelInput { Text = example.Text, Tokens = example.Tokens, Values = example.Values });
            if (inputs.Length == 0)
            {
                throw EngineException.Model($"model.json: examples[{index}] has no input.");
            }

            return model.Output.Values(Run(model, model.Mask?.Kept(inputs) is { } kept ? inputs.Of(kept) : inputs));
        }
        catch (EngineException exception) when (exception.Kind == ErrorKind.InvalidInput)
        {
            throw EngineException.Model($"model.json: examples[{index}]{exception.Pointer}: {exception.Message}");
        }
    }

    static float[] Run(RecurrentModel model, InputSequence inputs)
    {
        var state = new RecurrentState(model.Layout);
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

    static float DefaultTolerance(Precision precision) => precision == Precision.Bf16 ? 0.1f : 0.5f;
}
