using System.IO.Compression;
using System.Text;
using Rnn.Engine.Formats;
using Rnn.Engine.Formats.Keras;

namespace Rnn.Engine.Tests.Formats;

/// <summary>Keras and TF.js models that mean harm, can't be read, or are damaged.</summary>
public sealed class KerasHostileTests
{
    const string Gru = """{"class_name":"GRU","config":{"name":"l","units":4,"return_sequences":true}}""";
    const string Input = """{"class_name":"InputLayer","config":{"name":"in"},"inbound_nodes":[]}""";

    static readonly byte[] Weights = new ZipArchive(new MemoryStream(TestFile.Bytes("keras/written/gru-True.keras"))).GetEntry("model.weights.h5")!.Open().ReadAll();

    [Theory]
    [InlineData("""{"class_name":"Lambda","config":{"name":"x","function":["4wEAAAA=",null,null]}}""", "'x' (Lambda) is code, which is never run")]
    [InlineData("""{"module":"os","class_name":"LSTM","config":{"name":"x","units":4}}""", "'x' (LSTM) is of the module 'os'")]
    [InlineData("""{"class_name":"Conv1D","config":{"name":"x"}}""", "'x' (Conv1D) is not read")]
    [InlineData("""{"class_name":"RepeatVector","config":{"name":"x"}}""", "'x' (RepeatVector)")]
    [InlineData("""{"class_name":"Sequential","config":{"name":"x"}}""", "'x' (Sequential)")]
    [InlineData("""{"class_name":"Flatten","config":{"name":"x"}}""", "'x' (Flatten) joins all timesteps")]
    [InlineData("""{"class_name":"LSTM","config":{"name":"x"}}""", "has no 'units' of 1 or more")]
    [InlineData("""{"class_name":"LSTM","config":{"name":"x","units":2147483647}}""", "has no weights; with 2147483647 units")]
    [InlineData("""{"class_name":"LSTM","config":{"name":"x","units":4,"activation":"evil"}}""", "'evil'")]
    [InlineData("""{"class_name":"LSTM","config":{"name":"x","units":4,"time_major":true}}""", "time-major")]
    [InlineData("""{"class_name":"Bidirectional","config":{"name":"x","layer":{"class_name":"Dense","config":{"name":"d"}}}}""", "a SimpleRNN, LSTM or GRU")]
    [InlineData("""{"class_name":"Bidirectional","config":{"name":"x"}}""", "has no 'layer'")]
    [InlineData("""{"class_name":"BatchNormalization","config":{"name":"x"}}""", "0 weights; 4")]
    [InlineData("""{"class_name":"LSTM","config":{"name":"l","units":4}}""", "'l' (GRU) is there twice")]
    [InlineData("""{"class_name":"LSTM"}""", "without 'class_name' and 'config'")]
    [InlineData("7", "without 'class_name' and 'config'")]
    public void A_layer_that_is_not_read_is_refused_by_name(string layer, string expected) =>
        Assert.Contains(expected, Refusal($$$"""{"class_name":"Sequential","config":{"layers":[{{{Gru}}},{{{layer}}}]}}"""), StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"class_name":"Add","config":{"name":"x"},"inbound_nodes":[[["in",0,0,{}],["in",0,0,{}]]]}""", "reads 2 layers")]
    [InlineData("""{"class_name":"LSTM","config":{"name":"x"},"inbound_nodes":[[["x",0,0,{}]]]}""", "which is not there or reads itself")]
    [InlineData("""{"class_name":"LSTM","config":{"name":"x"},"inbound_nodes":[[["y",0,0,{}]]]}""", "'y', which is not there")]
    [InlineData("""{"class_name":"LSTM","config":{"name":"x"},"inbound_nodes":[]}""", "reads nothing and is no input")]
    [InlineData("""{"class_name":"LSTM","config":{"name":"x"}}""", "has no 'inbound_nodes'")]
    public void A_graph_that_is_no_chain_is_refused(string layer, string expected) => Assert.Contains(
        expected,
        Refusal($$$"""{"class_name":"Functional","config":{"layers":[{{{Input}}},{{{layer}}}],"input_layers":[["in",0,0]],"output_layers":[["x",0,0]]}}"""),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("no JSON", "no JSON")]
    [InlineData("{}", "not that of a Keras model")]
    [InlineData("[]", "not that of a Keras model")]
    [InlineData("""{"class_name":"Evil","config":[1]}""", "without 'class_name'")]
    [InlineData("""{"class_name":"Sequential","config":[]}""", "no list of 1 to")]
    [InlineData("""{"class_name":"Sequential","config":["\ud800"]}""", "no JSON")]
    public void A_configuration_that_is_none_is_refused(string config, string expected) =>
        Assert.Contains(expected, Refusal(config), StringComparison.Ordinal);

    [Fact]
    public void Outputs_that_share_a_layer_after_they_part_are_refused()
    {
        var layers = $$$"""{{{Input}}},{"class_name":"GRU","config":{"name":"l","units":4,"reset_after":true,"recurrent_activation":"sigmoid"},"inbound_nodes":[[["in",0,0,{}]]]}""";

        Assert.Contains(
            "share layers",
            Refusal($$$"""{"class_name":"Functional","config":{"layers":[{{{layers}}}],"input_layers":[["in",0,0]],"output_layers":[["l",0,0],["l",0,0]]}}"""),
            StringComparison.Ordinal);
        Assert.Contains("is an object", Refusal($$$"""{"class_name":"Functional","config":[{{{Gru}}}]}"""), StringComparison.Ordinal);
    }

    [Fact]
    public void TF_js_files_are_counted_together()
    {
        // One file of 200 MB, named three times.
        var big = new byte[200 << 20];
        var json = """{"modelTopology":{},"weightsManifest":[{"paths":["w","w","w"],"weights":[]}]}"""u8.ToArray();

        var exception = Assert.Throws<EngineException>(() => TfJsModel.Read("file", json, _ => big));

        Assert.Contains("more than 536870912 bytes", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_configuration_a_million_levels_deep_is_refused() => Assert.Contains("no JSON", Refusal(new string('[', 1_000_000)), StringComparison.Ordinal);

    [Theory]
    [InlineData("group1-shard1of1", "../../etc/passwd", "a path")]
    [InlineData("group1-shard1of1", "missing", "there is no file 'missing'")]
    [InlineData("[128, 57]", "[128, 58]", "needs")]
    [InlineData("[128, 57]", "[128, 56]", "bytes more")]
    [InlineData("[128, 57]", "[2147483647, 2147483647, 2147483647]", "needs")]
    [InlineData("\"dtype\": \"float32\"", "\"dtype\": \"uint8\"", "uint8")]
    [InlineData("\"weightsManifest\"", "\"weights\"", "'weightsManifest'")]
    public void TF_js_weights_that_do_not_fit_are_refused(string old, string @new, string expected)
    {
        var json = Encoding.UTF8.GetString(TestFile.Bytes("tfjs/nietzsche/model.json"));
        Assert.Contains(old, json, StringComparison.Ordinal);
        json = json[..json.IndexOf("weightsManifest", StringComparison.Ordinal)]
            + json[json.IndexOf("weightsManifest", StringComparison.Ordinal)..].Replace(old.TrimStart('"'), @new.TrimStart('"'), StringComparison.Ordinal);

        Assert.Contains(expected, Assert.Throws<EngineException>(() => TfJs(Encoding.UTF8.GetBytes(json))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("keras/written/function-elu.keras")]
    [InlineData("keras/written/gru-True.h5")]
    public void A_file_cut_at_any_byte_is_refused(string name)
    {
        var bytes = TestFile.Bytes(name);

        for (var length = 0; length < bytes.Length; length += 7)
        {
            Assert.Throws<EngineException>(() => WeightFile.Read("file", bytes.AsMemory(0, length), _ => null));
        }
    }

    [Fact]
    public void Spoilt_archives_are_read_or_refused() => Mutations.Survive(
        [TestFile.Bytes("keras/written/gru-True.keras"), TestFile.Bytes("keras/written/norms-True.keras"), TestFile.Bytes("keras/written/heads-3.keras")],
        bytes => KerasFile.ReadArchive("file", ZipEntries.Read("file", bytes)),
        Bound);

    [Fact]
    public void Spoilt_configurations_are_read_or_refused() => Mutations.Survive(
        [TestFile.Bytes("keras/written/config.json"), Encoding.UTF8.GetBytes($$"""{"class_name":"Sequential","config":[{{Gru}}]}""")],
        bytes => KerasFile.ReadArchive("file", ZipEntries.Read("file", Archive(bytes))),
        length => Bound(length + Weights.Length) + (8 << 20));

    [Fact]
    public void Spoilt_HDF5_models_are_read_or_refused() => Mutations.Survive(
        [TestFile.Bytes("keras/written/gru-True.h5"), TestFile.Bytes("keras/written/masked.h5"), TestFile.Bytes("keras/written/saved-by-3.h5")],
        bytes => KerasFile.ReadHdf5("file", bytes, _ => null),
        Bound);

    [Fact]
    public void Spoilt_TF_js_models_are_read_or_refused() => Mutations.Survive(
        [TestFile.Bytes("tfjs/nietzsche/model.json")], bytes => TfJs(bytes), length => 64L * length + (16 << 20));

    // What an HDF5 file may unpack to, whatever its size, is the largest part: docs/formats.md.
    static long Bound(int length) => (320L << 20) + 1_200L * length;

    static ModelFile TfJs(byte[] json) => TfJsModel.Read("file", json, name => Path.GetFileName(name) != name
        ? throw EngineException.Model($"'{name}' is a path.")
        : File.Exists(TestFile.PathOf($"tfjs/nietzsche/{name}")) ? TestFile.Bytes($"tfjs/nietzsche/{name}") : default(ReadOnlyMemory<byte>?));

    static string Refusal(string config) =>
        Assert.Throws<EngineException>(() => WeightFile.Read("file", Archive(Encoding.UTF8.GetBytes(config)), _ => null)).Message;

    static byte[] Archive(byte[] config)
    {
        var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in new[] { ("config.json", config), ("model.weights.h5", Weights) })
            {
                using var entry = archive.CreateEntry(name, CompressionLevel.NoCompression).Open();
                entry.Write(content);
            }
        }

        return stream.ToArray();
    }
}

file static class Streams
{
    public static byte[] ReadAll(this Stream stream)
    {
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }
}
