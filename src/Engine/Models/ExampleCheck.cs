using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Manifests;

namespace Rnn.Engine.Models;

/// <summary>Runs a model's examples, so that a model whose numbers are not its training framework's never serves.</summary>
static class ExampleCheck
{
    public static void Run(RecurrentModel model)
    {
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
                if (!(Math.Abs(output[i] - expected) <= example.Tolerance * (1 + Math.Abs(expected))))
                {
                    throw EngineException.Model(
                        $"examples[{index}]: output {i} is {output[i]}; the training framework gave {expected}, tolerance {example.Tolerance}.");
                }
            }
        }
    }

    /// <summary>The largest difference between the outputs of two models of one manifest, over its examples.</summary>
    public static float LargestDifference(RecurrentModel model, RecurrentModel other)
    {
        var largest = 0f;
        foreach (var (index, example) in model.Manifest.Examples.Index())
        {
            foreach (var (output, otherOutput) in LastOutput(model, index, example).Zip(LastOutput(other, index, example)))
            {
                largest = Math.Max(largest, Math.Abs(output - otherOutput));
            }
        }

        return largest;
    }

    static float[] LastOutput(RecurrentModel model, int index, ExampleManifest example)
    {
        try
        {
            var inputs = model.Input.Encode(new ModelInput { Text = example.Text, Values = example.Values });
            if (inputs.Length == 0)
            {
                throw EngineException.Model($"model.json: examples[{index}] has no input.");
            }

            var state = new RecurrentState(model.Layout);
            for (var timestep = 0; timestep < inputs.Length; timestep++)
            {
                model.Step([state], inputs[timestep]);
            }

            return model.Output.Values(model.Read(state));
        }
        catch (EngineException exception) when (exception.Kind == ErrorKind.InvalidInput)
        {
            throw EngineException.Model($"model.json: examples[{index}]{exception.Pointer}: {exception.Message}");
        }
    }
}
