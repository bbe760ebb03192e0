using System.CommandLine;
using Rnn.Engine;
using Rnn.Engine.Formats;
using Rnn.Engine.Manifests;
using Rnn.Engine.Models;

namespace Rnn.Api.Commands;

/// <summary><c>convert</c>: writes any file as <c>model.json</c> with its layers spelled out, and safetensors.</summary>
static class ConvertCommand
{
    const string Weights = "model.safetensors";

    public static Command Create()
    {
        var path = new Argument<string>("path") { Description = "A file of weights in any format, or a folder that holds a model; its model.json is kept." };
        var folder = new Argument<string>("folder") { Description = "Where to write model.json and model.safetensors." };
        var force = new Option<bool>("--force") { Description = "Overwrite what is there." };
        var command = new Command("convert", "Write a model of any format as model.json and safetensors.") { path, folder, force };
        command.SetAction(arguments => Run(
            arguments.GetRequiredValue(path), arguments.GetRequiredValue(folder), arguments.GetValue(force), arguments.InvocationConfiguration.Output));
        return command;
    }

    static int Run(string path, string folder, bool overwrites, TextWriter output)
    {
        var source = ModelPath.Source(path);
        var model = new ModelLoader(EngineHost.Graphs).Load(ModelPath.Name(path), 1, source);           // refused if anything is in doubt
        if (model.Manifest.Runtime != Runtime.Engine)
        {
            throw EngineException.Model($"'{path}' is a graph of another runtime; it has no layers to write.");
        }

        var name = model.Manifest.Weights!;
        var tensors = WeightFile.Read(name, source.Read(name), source.Sibling).Tensors
            .Where(tensor => !model.Manifest.IgnoredTensors.Any(prefix => tensor.Name.StartsWith(prefix, StringComparison.Ordinal)));
        if (!overwrites && (File.Exists(Path.Combine(folder, Weights)) || File.Exists(Path.Combine(folder, ModelSource.ManifestFile))))
        {
            throw EngineException.Model($"There is a model in '{folder}' already; --force overwrites it.");
        }

        Directory.CreateDirectory(folder);
        using (var stream = File.Create(Path.Combine(folder, Weights)))
        {
            SafeTensorsWriter.Write(stream, tensors);
        }

        File.WriteAllText(
            Path.Combine(folder, ModelSource.ManifestFile), ManifestJson.Write(model.Manifest with { Weights = Weights, IgnoredTensors = [] }));

        output.WriteLine(FormattableString.Invariant(
            $"{folder}: {ModelSource.ManifestFile} and {Weights}, {model.ParameterCount:N0} parameters from {model.Format}"));
        return 0;
    }
}
