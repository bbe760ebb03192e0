namespace Rnn.Engine.Tests.Models;

/// <summary>A folder of models with one feature, one unit and one output, whose recurrent weight tells which files they are of.</summary>
/// <remarks><c>h' = relu(step + h)</c>: after n timesteps the output is n times <c>step</c>.</remarks>
sealed class ModelFiles : IDisposable
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rnn-tests-");
    DateTime _written = DateTime.UtcNow;

    public string Path => _folder.FullName;

    public string Of(string place) => System.IO.Path.Combine(Path, place);

    /// <summary>Writes a model, over one that is there.</summary>
    /// <param name="place">Its folder, such as <c>m/1</c>.</param>
    /// <param name="step">What its output grows by at every timestep.</param>
    public void Write(string place, float step = 1)
    {
        WriteManifest(place);
        WriteWeights(place, step);
    }

    public void WriteManifest(string place, string text = """
        {
          "format": 1,
          "input": { "kind": "features", "features": [{ "name": "x" }] },
          "layers": [{ "kind": "elman", "name": "layer", "hiddenSize": 1, "activation": "relu" }],
          "output": { "kind": "values", "values": [{ "name": "y" }] }
        }
        """)
    {
        Directory.CreateDirectory(Of(place));
        File.WriteAllText(Of($"{place}/model.json"), text);
        Touch($"{place}/model.json");
    }

    public void WriteWeights(string place, float step)
    {
        File.WriteAllBytes(Of($"{place}/w.safetensors"), ModelFolder.SafeTensorsBytes(
            ("layer.weight_ih_l0", [1, 1], [0]), ("layer.weight_hh_l0", [1, 1], [1]), ("layer.bias_ih_l0", [1], [step]), ("layer.bias_hh_l0", [1], [0])));
        Touch($"{place}/w.safetensors");
    }

    public void Delete(string place) => Directory.Delete(Of(place), recursive: true);

    public void Dispose() => _folder.Delete(recursive: true);

    // A file system's clock may be too coarse to tell two writes apart.
    void Touch(string file) => File.SetLastWriteTimeUtc(Of(file), _written = _written.AddSeconds(1));
}
