using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Rnn.Engine.Tests;

/// <summary>Each floor of the engine stands only on those below it.</summary>
public sealed partial class ArchitectureTests
{
    static readonly Dictionary<string, string[]> MayUse = new()
    {
        ["Numerics"] = [],
        ["Weights"] = [],
        ["Layers"] = ["Numerics"],
        ["Codecs"] = ["Numerics", "Layers"],
        ["Manifests"] = ["Numerics", "Codecs"],
        ["Formats"] = ["Numerics", "Weights", "Manifests"],
        ["Monitoring"] = ["Layers", "Codecs"],
        ["Callers"] = [],
        ["Models"] = ["Callers", "Numerics", "Weights", "Layers", "Codecs", "Manifests", "Formats", "Monitoring"],
        ["Sampling"] = [],
        ["Telemetry"] = [],
        ["Scheduling"] = ["Layers", "Codecs", "Models", "Telemetry"],
        ["Prediction"] = ["Layers", "Codecs", "Monitoring", "Models", "Sampling", "Scheduling", "Telemetry"],
        ["Forecasting"] = ["Layers", "Codecs", "Models", "Sampling", "Scheduling"],
        ["Sessions"] = ["Callers", "Layers", "Models", "Telemetry"],
    };

    [Fact]
    public void Floors_use_only_floors_below()
    {
        foreach (var folder in Directory.EnumerateDirectories(Source).Select(folder => Path.GetFileName(folder)).Where(name => name is not ("bin" or "obj")))
        {
            Assert.True(MayUse.ContainsKey(folder), $"{folder} is a new floor: say in this test what it may use.");
            foreach (var file in Directory.EnumerateFiles(Path.Combine(Source, folder), "*.cs", SearchOption.AllDirectories))
            {
                var text = Comments().Replace(File.ReadAllText(file), "");
                foreach (Match use in Uses().Matches(text))
                {
                    var used = use.Groups["floor"].Value;
                    Assert.True(
                        used == folder || MayUse[folder].Contains(used),
                        $"{folder}/{Path.GetFileName(file)} uses {used}; {folder} may use {string.Join(", ", MayUse[folder])}.");
                }

                Assert.False(Root().IsMatch(text), $"{folder}/{Path.GetFileName(file)} uses the engine's roof.");
            }
        }
    }

    [Fact]
    public void The_engine_knows_nothing_of_the_web()
    {
        var references = typeof(InferenceEngine).Assembly.GetReferencedAssemblies().Select(reference => reference.Name!).ToList();

        Assert.DoesNotContain(references, name => name.StartsWith("Microsoft.", StringComparison.Ordinal) || name.StartsWith("Serilog", StringComparison.Ordinal));
    }

    static string Source => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "../../src/Engine"));

    static string ThisFile([CallerFilePath] string path = "") => path;

    [GeneratedRegex(@"//.*")]
    private static partial Regex Comments();

    // A using, or a partial name such as Models.RecurrentModel: C# sees parent namespaces without a using.
    [GeneratedRegex(@"(?:using Rnn\.Engine\.|(?<![\w.])(?:Rnn\.)?(?:Engine\.)?)(?<floor>Callers|Numerics|Weights|Layers|Codecs|Manifests|Formats|Models|Sampling|Monitoring|Scheduling|Prediction|Forecasting|Sessions|Telemetry)(?=;|\.[A-Z])")]
    private static partial Regex Uses();

    [GeneratedRegex(@"\b(InferenceEngine|InferenceRequest|InferenceRun|ForecastResult)\b")]
    private static partial Regex Root();
}
