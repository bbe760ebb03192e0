using Rnn.Engine.Codecs;
using Rnn.Engine.Models;

namespace Rnn.Engine.Tests.Models;

public sealed class ModelCatalogTests : IDisposable
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rnn-tests-");

    static byte[] Weights => ModelFolder.SafeTensorsBytes(
        ("rnn.weight_ih_l0", [3, 2], new float[6]), ("rnn.weight_hh_l0", [3, 1], [0, 0, 0]));

    const string Manifest = """{ "format": 1, "layers": [{ "kind": "gru", "name": "rnn", "hiddenSize": 1, "bias": false }] }""";

    [Fact]
    public void A_model_is_a_folder_of_versions_or_a_folder()
    {
        Write("versions/1/model.json", Manifest);
        Write("versions/1/w.safetensors");
        Write("versions/12/model.json", Manifest);
        Write("versions/12/w.safetensors");
        Write("versions/backup.safetensors");
        Write("folder/model.json", Manifest);
        Write("folder/w.safetensors");

        var catalog = Load();

        Assert.Empty(catalog.Refused);
        Assert.Equal([("folder", 1), ("versions", 12), ("versions", 1)], catalog.All.Select(model => (model.Name, model.Version)));
    }

    [Fact]
    public void Without_input_and_output_a_model_has_features_and_values_without_names()
    {
        Write("folder/model.json", Manifest);
        Write("folder/w.safetensors");

        var model = Load().Get("folder", null);

        Assert.Equal(["x[0]", "x[1]"], Assert.IsType<FeatureCodec>(model.Input).Features.Select(feature => feature.Name));
        Assert.Equal(["y[0]"], Assert.IsType<ValueHead>(model.Output).Quantities.Select(value => value.Name));
        Assert.False(model.Generates);
    }

    [Fact]
    public void A_model_that_can_not_be_served_is_told_and_the_others_are_served()
    {
        Write("good/model.json", Manifest);
        Write("good/w.safetensors");
        Write("bad/1/model.json", Manifest);
        Write("odd/first/model.json", Manifest);
        Write("two/model.json", Manifest);
        Write("two/a.safetensors");
        Write("two/b.safetensors");
        File.WriteAllText(Path.Combine(_folder.FullName, "broken.safetensors"), "{}");

        var catalog = Load();

        Assert.Equal("good", Assert.Single(catalog.All).Name);
        Assert.Collection(
            catalog.Refused,
            reason => Assert.Contains("Model 'bad' version 1: there is no file of weights", reason, StringComparison.Ordinal),
            reason => Assert.Contains("Model 'odd': the folder 'first'", reason, StringComparison.Ordinal),
            reason => Assert.Contains("a.safetensors, b.safetensors", reason, StringComparison.Ordinal),
            reason => Assert.Contains("Model 'broken' version 1: broken.safetensors", reason, StringComparison.Ordinal));
    }

    [Fact]
    public void Tensors_that_are_no_part_of_the_model_can_be_left_out()
    {
        Write("folder/model.json", Manifest.Replace("\"format\": 1", "\"format\": 1, \"ignoredTensors\": [\"other.\"]", StringComparison.Ordinal));
        File.WriteAllBytes(Path.Combine(_folder.FullName, "folder", "w.safetensors"), ModelFolder.SafeTensorsBytes(
            ("rnn.weight_ih_l0", [3, 2], new float[6]), ("rnn.weight_hh_l0", [3, 1], [0, 0, 0]), ("other.weight", [1], [1])));

        Assert.Equal(9, Assert.Single(Load().All).ParameterCount);
    }

    [Fact]
    public void A_link_is_followed_and_one_that_leads_nowhere_is_told()
    {
        Write("good/model.json", Manifest);
        Write("elsewhere.bin");
        File.CreateSymbolicLink(Path.Combine(_folder.FullName, "good", "w.safetensors"), Path.Combine(_folder.FullName, "elsewhere.bin"));
        Write("bad/model.json", Manifest);
        File.CreateSymbolicLink(Path.Combine(_folder.FullName, "bad", "w.safetensors"), Path.Combine(_folder.FullName, "nowhere"));

        var catalog = Load();

        Assert.Equal("good", Assert.Single(catalog.All).Name);
        Assert.Contains("w.safetensors: it is a link that leads nowhere", Assert.Single(catalog.Refused), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    ModelCatalog Load() => ModelCatalog.Load(_folder.FullName, new ModelLoader());

    void Write(string path, string? text = null)
    {
        var file = Path.Combine(_folder.FullName, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        if (text is null)
        {
            File.WriteAllBytes(file, Weights);
        }
        else
        {
            File.WriteAllText(file, text);
        }
    }
}
