using System.CommandLine;
using System.Globalization;
using Rnn.Engine;
using Rnn.Engine.Models;
using Rnn.Engine.Numerics;

namespace Rnn.Api.Commands;

/// <summary><c>verify</c>: runs a model's examples and tells how far each output is off.</summary>
static class VerifyCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("folder") { Description = "A folder that holds a model, or a folder of models." };
        var command = new Command("verify", "Run a model's examples and print how far its outputs are off from its training framework's.") { folder };
        command.SetAction(arguments => Run(arguments.GetRequiredValue(folder), arguments.InvocationConfiguration.Output));
        return command;
    }

    static int Run(string path, TextWriter output)
    {
        var full = Path.GetFullPath(path.Length > 0 ? path : throw EngineException.Model("The path is empty."));
        if (File.Exists(full) || (Directory.Exists(full) && ModelSource.IsModel(full)))
        {
            return Verify(ModelPath.Name(path), ModelPath.Source(path), output) ? 0 : 1;
        }

        var sources = Directory.Exists(full)
            ? Directory.EnumerateDirectories(full, "*", SearchOption.AllDirectories).Where(ModelSource.IsModel).Order(StringComparer.Ordinal).ToList()
            : throw EngineException.Model($"There is no folder '{path}'.");
        var areGood = sources.Select(source => Verify(Path.Combine(path, Path.GetRelativePath(full, source)), new ModelSource(source), output))
            .Concat(Directory.EnumerateFiles(full).Where(ModelSource.IsWeights).Order(StringComparer.Ordinal)
                .Select(file => Verify(Path.Combine(path, Path.GetFileName(file)), new ModelSource(full, Path.GetFileName(file)), output)))
            .ToList();
        return areGood.Count > 0 && areGood.TrueForAll(isGood => isGood) ? 0 : 1;
    }

    static bool Verify(string name, ModelSource source, TextWriter output)
    {
        try
        {
            var loader = new ModelLoader(EngineHost.Graphs) { ChecksExamples = false };
            var model = loader.Load(name, 1, source);
            var exact = model.Manifest.Precision == Precision.Float32 ? model : loader.Load(name, 1, source, Precision.Float32);
            output.WriteLine($"{name}: {model.Format}, {model.Manifest.Examples.Count} examples");
            return Print("float32", ExampleCheck.Measure(exact), output)
                && (model == exact || Print(model.Manifest.Precision.ToString().ToLowerInvariant(), ExampleCheck.Measure(exact, model), output));
        }
        catch (EngineException exception)
        {
            output.WriteLine($"{name}: {exception.Message}");
            return false;
        }
    }

    static bool Print(string precision, IEnumerable<ExampleResult> results, TextWriter output)
    {
        var list = results.ToList();
        if (list.Count == 0)
        {
            return true;
        }

        TextTable.Write(output, [
            ["example", "precision", "outputs", "off by at most", "tolerance", ""],
            .. list.Select(string[] (result) =>
            [
                result.Index.ToString(CultureInfo.InvariantCulture), precision, result.Outputs.ToString(CultureInfo.InvariantCulture),
                result.Deviation.ToString("G3", CultureInfo.InvariantCulture), result.Tolerance.ToString("G3", CultureInfo.InvariantCulture),
                result.Fault is null ? "ok" : "BEYOND",
            ]),
        ]);
        foreach (var result in list.Where(result => result.Fault is not null))
        {
            output.WriteLine($"  {result.Fault}");
        }

        return list.TrueForAll(result => result.Fault is null);
    }
}
