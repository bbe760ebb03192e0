using System.Text.Json;
using Rnn.Engine.Codecs;
using Rnn.Engine.Models;

namespace Rnn.Engine.Tests;

/// <summary>A fixture: a small model with random weights, and what PyTorch computed with it.</summary>
public sealed class Golden
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    Golden(RecurrentModel model, Recording recording)
    {
        Model = model;
        Recorded = recording;
    }

    public RecurrentModel Model { get; }

    public Recording Recorded { get; }

    public InputSequence Inputs => Model.Input.Encode(new ModelInput { Tokens = Recorded.Tokens, Values = Recorded.Inputs });

    static string Root => Path.Combine(AppContext.BaseDirectory, "Fixtures");

    public static TheoryData<string> Names() => [.. Directory.EnumerateDirectories(Root)
        .Where(folder => File.Exists(Path.Combine(folder, "golden.json")))
        .Select(folder => Path.GetFileName(folder))
        .Order()];

    public static Golden Load(string name) => new(
        new ModelLoader().Load(name, 1, new ModelSource(FolderOf(name))),
        JsonSerializer.Deserialize<Recording>(File.ReadAllText(Path.Combine(FolderOf(name), "golden.json")), Json)!);

    public static string FolderOf(string name) => Path.Combine(Root, name);

    public sealed record Recording(int[]? Tokens, double[][]? Inputs, float[][] Outputs, Dictionary<string, LayerState> State);

    public sealed record LayerState(float[] Hidden, float[]? Cell);
}
