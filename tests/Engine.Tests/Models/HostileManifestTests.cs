using System.Text;
using Rnn.Engine.Models;
using Rnn.Engine.Tests.Formats;

namespace Rnn.Engine.Tests.Models;

/// <summary>Manifests that can't be, spoilt at random or by hand: refused with a message, never another exception.</summary>
public sealed class HostileManifestTests : IDisposable
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rnn-tests-");

    [Theory]
    [InlineData("\"layers\": [", "\"layers\": [null, ")]
    [InlineData("\"vocabulary\": [", "\"vocabulary\": [null, ")]
    [InlineData("\"examples\": [", "\"examples\": [null, ")]
    [InlineData("\"format\": 1", "\"format\": 1, \"ignoredTensors\": [null]")]
    [InlineData("\"layers\": [", "\"layers\": [{ \"kind\": \"parallel\", \"branches\": [null] }, ")]
    [InlineData("\"layers\": [", "\"layers\": [{ \"kind\": \"parallel\", \"branches\": [[null], []] }, ")]
    [InlineData("\"kind\": \"next-token\"", "\"kind\": \"heads\", \"heads\": [null]")]
    [InlineData("\"kind\": \"next-token\"", "\"kind\": \"heads\", \"heads\": []")]
    [InlineData("\"kind\": \"next-token\"", "\"kind\": \"heads\", \"heads\": [{ \"name\": \"a\", \"output\": { \"kind\": \"heads\", \"heads\": [] } }]")]
    [InlineData("\"kind\": \"next-token\"", "\"kind\": \"classes\", \"labels\": [null]")]
    [InlineData("\"hiddenSize\": 9", "\"hiddenSize\": 9, \"clip\": 1e39")]
    [InlineData("\"hiddenSize\": 9", "\"hiddenSize\": 9, \"direction\": \"sideways\"")]
    [InlineData("\"hiddenSize\": 9", "\"hiddenSize\": 9, \"layers\": 2147483647")]
    [InlineData("\"format\": 1", "\"format\": 1, \"runtime\": \"onnxruntime\"")]
    [InlineData("\"format\": 1", "\"format\": 1, \"runtime\": \"python\"")]
    [InlineData("\"format\": 1", "\"format\": 1, \"description\": \"\\ud800\"")]
    [InlineData("\"weights\": \"model.safetensors\"", "\"weights\": \"\"")]
    [InlineData("\"weights\": \"model.safetensors\"", "\"weights\": \"/etc/passwd\"")]
    [InlineData("\"weights\": \"model.safetensors\"", "\"weights\": \"\\u0000\"")]
    [InlineData("\"weights\": \"model.safetensors\"", "\"weights\": \"model.json\"")]
    public void A_manifest_that_can_not_be_is_refused(string old, string @new)
    {
        using var folder = new ModelFolder(Golden.FolderOf("characters-embedding-lstm-dense"));
        folder.Edit(old, @new);

        Assert.Equal(ErrorKind.BadModel, Assert.Throws<EngineException>(folder.Load).Kind);
    }

    [Fact]
    public void Spoilt_manifests_are_read_or_refused()
    {
        const string Layers = """
            { "format": 1, "precision": "bf16", "precisionTolerance": 0.1, "ignoredTensors": ["x."],
              "input": { "kind": "features", "features": [{ "name": "a", "unit": "m", "scaling": { "kind": "standard", "mean": 1, "deviation": 2 } }, { "name": "b" }] },
              "layers": [{ "kind": "masking", "value": 0 }, { "kind": "gru", "name": "rnn", "hiddenSize": 1, "layers": 1, "bias": false, "direction": "forward", "clip": 0, "activation": { "kind": "elu", "alpha": 0.5 } },
                         { "kind": "parallel", "branches": [[{ "kind": "activation", "activation": "relu" }], []], "merge": "concat" }, { "kind": "last" }],
              "output": { "kind": "heads", "heads": [{ "name": "p", "output": { "kind": "values", "values": [{ "name": "y" }] } }, { "name": "q", "output": { "kind": "classes", "labels": ["z"] } }] },
              "examples": [{ "values": [[1, 2]], "output": [0, 0], "tolerance": 1 }] }
            """;
        var corpus = Encoding.UTF8.GetBytes(Layers);
        var weights = ModelFolder.SafeTensorsBytes(("rnn.weight_ih_l0", [3, 2], new float[6]), ("rnn.weight_hh_l0", [3, 1], [0, 0, 0]));
        File.WriteAllBytes(Path.Combine(_folder.FullName, "w.safetensors"), weights);
        var loader = new ModelLoader();
        void Load(byte[] manifest)
        {
            File.WriteAllBytes(Path.Combine(_folder.FullName, "model.json"), manifest);
            loader.Load("test", 1, new ModelSource(_folder.FullName));
        }

        Load(corpus);
        Mutations.Survive([corpus], Load, length => 4_096L * length + (64 << 20));
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
