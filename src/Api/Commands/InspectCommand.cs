using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Rnn.Engine.Codecs;
using Rnn.Engine.Formats;
using Rnn.Engine.Layers;
using Rnn.Engine.Manifests;
using Rnn.Engine.Models;
using Rnn.Engine.Weights;

namespace Rnn.Api.Commands;

/// <summary><c>inspect</c>: what a file or a model folder holds, and what it does not tell.</summary>
static class InspectCommand
{
    public static Command Create()
    {
        var path = new Argument<string>("path") { Description = "A file of weights in any format, or a folder that holds a model." };
        var tensors = new Option<bool>("--tensors") { Description = "List every tensor with its shape." };
        var command = new Command("inspect", "Tell what a file holds: layers, parameters, state, and what it leaves open.") { path, tensors };
        command.SetAction(arguments => Run(
            arguments.GetRequiredValue(path), arguments.GetValue(tensors), arguments.InvocationConfiguration.Output));
        return command;
    }

    static int Run(string path, bool listsTensors, TextWriter output)
    {
        var source = ModelPath.Source(path);
        var manifest = source.ReadManifest();
        var name = source.WeightsOf(manifest);
        var file = WeightFile.Read(name, source.Read(name), source.Sibling);
        output.WriteLine(FormattableString.Invariant(
            $"{name}: {file.Format}, {file.Tensors.Count} tensors, {file.Tensors.Sum(tensor => (long)tensor.Values.Length):N0} parameters"));
        if (listsTensors)
        {
            TextTable.Write(output, [.. file.Tensors.Select(string[] (tensor) => [tensor.Name, $"[{string.Join(", ", tensor.Shape)}]"])]);
        }

        var layers = manifest.Layers ?? file.Layers;
        if (layers is not null)
        {
            output.WriteLine("layers");
            TextTable.Write(output, [.. Rows(layers, file.Tensors, "")]);
        }

        if (manifest.Layers is null && (layers is null || file.Doubts.Count > 0))
        {
            output.WriteLine("It does not tell everything.");
            foreach (var doubt in file.Doubts)
            {
                output.WriteLine($"  {doubt}");
            }

            output.WriteLine(layers is null ? "Name its layers in model.json." : $"Confirm or mend this line and add it to model.json:\n  \"layers\": {ManifestJson.Line(layers)}");
            return 0;
        }

        Describe(new ModelLoader(EngineHost.Graphs) { ChecksExamples = false }.Load(ModelPath.Name(path), 1, source), output);
        return 0;
    }

    static void Describe(RecurrentModel model, TextWriter output)
    {
        output.WriteLine($"input    {Input(model.Input)}");
        output.WriteLine($"output   {Output(model.Output)}");
        output.WriteLine(model.IsCausal
            ? FormattableString.Invariant($"state    {model.Layout.Size:N0} floats; {StateCodec.Size(model.Layout):N0} bytes when exported")
            : "state    none is kept: it reads a sequence from its end too");
        output.WriteLine($"offers   {(model.IsCausal ? $"step, sequence, {(model.Generates ? "generate, " : "")}sessions" : "sequence")}");
    }

    static IEnumerable<string[]> Rows(IReadOnlyList<LayerManifest> layers, IReadOnlyList<Tensor> tensors, string indent)
    {
        foreach (var layer in layers)
        {
            var (kind, name, detail) = Describe(layer);
            var parameters = name.Length == 0 ? 0 : tensors.Where(tensor => tensor.Name.StartsWith($"{name}.", StringComparison.Ordinal)).Sum(tensor => (long)tensor.Values.Length);
            yield return [$"{indent}{kind}", name, detail, parameters == 0 ? "" : parameters.ToString("N0", CultureInfo.InvariantCulture)];
            foreach (var row in layer is ParallelManifest parallel ? parallel.Branches.SelectMany(branch => Rows(branch, tensors, $"{indent}  ")) : [])
            {
                yield return row;
            }
        }
    }

    static (string Kind, string Name, string Detail) Describe(LayerManifest layer)
    {
        var element = ManifestJson.Element(layer);
        var detail = element.EnumerateObject()
            .Where(property => property.Name is not ("kind" or "name" or "branches"))
            .Where(property => property.Value.ToString() != "none")
            .Select(property => property.Value.ValueKind switch
            {
                JsonValueKind.True => property.Name,
                JsonValueKind.False => $"no {property.Name}",
                _ => $"{property.Name} {property.Value}",
            });
        return (
            element.GetProperty("kind").GetString()!,
            element.TryGetProperty("name", out var name) ? name.GetString()! : "",
            string.Join(", ", detail));
    }

    static string Input(InputCodec input) => input switch
    {
        WordFeatureCodec words => $"words, each as {words.Size} features",
        FeatureCodec features => $"features: {List(features.Features.Select(feature => feature.Name))}",
        _ => $"{input.Size} tokens",
    };

    static string Output(OutputHead head) => head switch
    {
        NextTokenHead => $"the next token: {head.Size} logits",
        ClassHead classes => $"classes: {List(classes.Labels)}",
        ValueHead values => $"values: {List(values.Quantities.Select(quantity => quantity.Name))}",
        ProbabilisticHead spread => $"values with their distributions: {List(spread.Quantities.Select(quantity => quantity.Name))}",
        NamedHeads heads => string.Join("; ", heads.Heads.Select(part => $"{part.Name}: {Output(part.Head)}")),
        _ => $"{head.Size} numbers",
    };

    static string List(IEnumerable<string> names)
    {
        const int Shown = 8;
        var list = names.ToList();
        return string.Join(", ", list.Take(Shown)) + (list.Count > Shown ? $" and {list.Count - Shown} more" : "");
    }
}
