using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Rnn.Engine.Formats;
using Rnn.Engine.Formats.Keras;
using Rnn.Engine.Models;

namespace Rnn.Engine.Tests.Formats;

/// <summary>Keras and TF.js models that mean harm, are damaged, or are no chain of layers that are known.</summary>
public sealed class KerasRefusalTests
{
    const string Folder = "keras/layouts";
    const string Lstm = """{"class_name":"LSTM","config":{"name":"lstm","units":4,"return_sequences":true}}""";

    [Theory]
    [InlineData("""{"class_name":"Lambda","config":{"name":"f","function":["4wEAAAA=",null,null]}}""", "layer 'f' (Lambda) is code, which is never run")]
    [InlineData("""{"class_name":"Attention","config":{"name":"a"}}""", "layer 'a' (Attention) is not read")]
    [InlineData("""{"class_name":"RepeatVector","config":{"name":"r","n":3}}""", "'r' (RepeatVector) is not read")]
    [InlineData("""{"class_name":"Sequential","config":{"name":"inner","layers":[]}}""", "'inner' (Sequential) is not read")]
    [InlineData("""{"class_name":"RNN","config":{"name":"r","cell":{"class_name":"LSTMCell","config":{"units":4}}}}""", "'r' (RNN) is not read")]
    [InlineData("""{"class_name":"Flatten","config":{"name":"f"}}""", "joins all timesteps")]
    [InlineData("""{"module":"os","class_name":"Dense","config":{"name":"d"}}""", "of the module 'os'")]
    [InlineData("""{"module":null,"class_name":"LSTM","config":{"name":"l"},"registered_name":"Custom>LSTM"}""", "the class 'Custom>LSTM'")]
    [InlineData("""{"class_name":"Activation","config":{"name":"a","activation":"glu"}}""", "'glu', which is not known")]
    [InlineData("""{"class_name":"Activation","config":{"name":"a","activation":{"class_name":"function","config":"mine"}}}""", "'mine'")]
    [InlineData("""{"class_name":"Activation","config":{"name":"a","activation":7}}""", "which is not known")]
    [InlineData("""{"class_name":"LeakyReLU","config":{"name":"a","alpha":"much"}}""", "has a 'alpha' that is no number")]
    [InlineData("""{"class_name":"LeakyReLU","config":{"name":"a","alpha":1e99}}""", "has a 'alpha' that is no number")]
    [InlineData("""{"class_name":"ReLU","config":{"name":"a","threshold":0.5}}""", "threshold")]
    [InlineData("""{"class_name":"Softmax","config":{"name":"s","axis":1}}""", "axis 1")]
    [InlineData("""{"class_name":"BatchNormalization","config":{"name":"b","axis":[1]}}""", "axis 1")]
    [InlineData("""{"class_name":"LayerNormalization","config":{"name":"n","axis":[1,2]}}""", "axis [1,2]")]
    [InlineData("""{"class_name":"LayerNormalization","config":{"name":"n","rms_scaling":true}}""", "rms_scaling")]
    [InlineData("""{"class_name":"BatchNormalization","config":{"name":"b","mode":1}}""", "mode of Keras 1")]
    [InlineData("""{"class_name":"LSTM","config":{"name":"lstm","units":4}}""", "is there twice")]
    [InlineData("""{"class_name":"LSTM","config":{"name":"l","units":0}}""", "has no 'units' of 1 or more")]
    [InlineData("""{"class_name":"LSTM","config":{"name":"l","units":2147483647}}""", "8589934588")]
    [InlineData("""{"class_name":"GRU","config":{"name":"g","units":4,"time_major":true}}""", "layer 'g' (GRU)")]
    [InlineData("""{"class_name":"Bidirectional","config":{"name":"b"}}""", "has no 'layer'")]
    [InlineData("""{"class_name":"Bidirectional","config":{"name":"b","layer":{"class_name":"Dense","config":{"name":"d"}}}}""", "holds 'd' (Dense)")]
    [InlineData("""{"class_name":"Bidirectional","config":{"name":"b","layer":{"class_name":"LSTM","config":{"units":4,"activation":"tanh"}},"backward_layer":{"class_name":"LSTM","config":{"units":4,"activation":"relu"}}}}""", "two different layers")]
    [InlineData("""{"class_name":"TimeDistributed","config":{"name":"t","layer":{"class_name":"LSTM","config":{"name":"x","units":4,"units":5}}}}""", "is no JSON")]
    [InlineData("""{"class_name":"Dense","config":{"name":"../../etc/passwd","units":2}}""", "has no kernel")]
    [InlineData("""{"class_name":"Dense","config":{"name":"\ud800","units":2}}""", "is no JSON")]
    [InlineData("""{"class_name":"Dense","config":{"\udc00":"d","units":2}}""", "is no JSON")]
    [InlineData("""{"class_name":"Dense","config":[]}""", "without 'class_name' and 'config'")]
    [InlineData("7", "without 'class_name' and 'config'")]
    public void A_layer_that_is_not_read_is_refused_by_name(string layer, string what)
    {
        var config = $$$"""{"class_name":"Sequential","config":{"layers":[{{{Lstm}}},{{{layer}}}]}}""";

        Assert.Contains(what, RefusalOfConfig(config), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "is no JSON")]
    [InlineData("LSTM", "is no JSON")]
    [InlineData("{\"class_name\":\"\u00ff", "is no UTF-8")]
    [InlineData("[]", "not that of a Keras model")]
    [InlineData("""{"class_name":"Sequential"}""", "not that of a Keras model")]
    [InlineData("""{"class_name":"Sequential","config":7}""", "no list of 1 to 256 layers")]
    [InlineData("""{"class_name":"Sequential","config":[]}""", "no list of 1 to 256 layers")]
    [InlineData("""{"class_name":"MyModel","config":{"layers":[LSTM]}}""", "the model is a 'MyModel'")]
    [InlineData("""{"class_name":"Functional","config":[LSTM]}""", "'config' is an object")]
    [InlineData("""{"class_name":"Functional","config":{"layers":[LSTM]}}""", "no 'inbound_nodes'")]
    public void What_is_no_configuration_is_refused(string config, string what)
    {
        Assert.Contains(what, RefusalOfConfig(config.Replace("LSTM]", $"{Lstm}]", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public void Deep_JSON_is_refused()
    {
        Assert.Contains("is no JSON", RefusalOfConfig(new string('[', 100_000)), StringComparison.Ordinal);
        Assert.Contains("is no JSON", RefusalOfConfig(string.Concat(Enumerable.Repeat("{\"config\":", 100_000))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"lstm":"[[[\"in\",0,0,{}],[\"in2\",0,0,{}]]]"}""", "d", "reads 2 layers or is used more than once")]
    [InlineData("""{"d":"[[[\"lstm\",0,0,{}],[\"in\",0,0,{}]]]"}""", "d", "reads 2 layers")]                            // a skip connection
    [InlineData("""{"d":"[[[\"lstm\",0,0,{}]],[[\"in\",0,0,{}]]]"}""", "d", "used more than once")]
    [InlineData("""{"lstm":"[[[\"d\",0,0,{}]]]"}""", "d", "reads itself")]
    [InlineData("""{"d":"[[[\"nobody\",0,0,{}]]]"}""", "d", "'nobody', which is not there")]
    [InlineData("""{"d":"[[[\"lstm\",0,1,{}]]]"}""", "d", "output 1 of layer 'lstm'")]                                     // its state
    [InlineData("""{"d":"[[[\"lstm\",0,\"x\",{}]]]"}""", "d", "output \"x\" of layer")]
    [InlineData("""{"lstm":"[[[\"in\",0,0,{\"initial_state\":[\"in2\",0,0]}]]]"}""", "d", "initial_state")]
    [InlineData("""{"lstm":"[{\"args\":[],\"kwargs\":{\"initial_state\":[]}}]"}""", "d", "initial_state")]
    [InlineData("""{"lstm":"[]"}""", "d", "reads nothing and is no input")]
    [InlineData("""{"lstm":"7"}""", "d", "has no 'inbound_nodes'")]
    [InlineData("{}", "nobody", "no 'output_layers'")]
    [InlineData("{}", "e d f", "layer 'd' (Dense) is an output twice, or belongs to some of the outputs but not to all")]
    public void What_is_no_chain_is_refused(string changed, string outputs, string what)
    {
        var nodes = new Dictionary<string, string> { ["in"] = "[]", ["in2"] = "[]", ["lstm"] = "[[[\"in\",0,0,{}]]]", ["d"] = "[[[\"lstm\",0,0,{}]]]", ["e"] = "[[[\"d\",0,0,{}]]]", ["f"] = "[[[\"lstm\",0,0,{}]]]" };
        foreach (var (name, value) in JsonSerializer.Deserialize<Dictionary<string, string>>(changed)!)
        {
            nodes[name] = value;
        }

        var layers = nodes.Select(node => $$$"""{"class_name":"{{{ClassOf(node.Key)}}}","config":{"name":"{{{node.Key}}}","units":4},"inbound_nodes":{{{node.Value}}}}""");
        var config = $$$"""{"class_name":"Functional","config":{"layers":[{{{string.Join(',', layers)}}}],"output_layers":[{{{string.Join(',', outputs.Split(' ').Select(output => $"[\"{output}\",0,0]"))}}}]}}""";

        Assert.Contains(what, RefusalOfConfig(config), StringComparison.Ordinal);
    }

    [Fact]
    public void An_archive_without_one_of_its_parts_or_with_names_that_lead_out_of_it_is_refused()
    {
        var entries = Entries($"{Folder}/lstm.keras");

        Assert.Contains("no entry 'model.weights.h5'", Refusal(Zip([.. entries.Where(entry => entry.Name != "model.weights.h5")])), StringComparison.Ordinal);
        Assert.Contains("no 'data.pkl'", Refusal(Zip([.. entries.Where(entry => entry.Name != "config.json")])), StringComparison.Ordinal);
        Assert.Contains("leads out", Refusal(Zip([.. entries, ("../config.json", [])])), StringComparison.Ordinal);
        Assert.Contains("leads out", Refusal(Zip([.. entries, ("assets\\..\\..\\x", [])])), StringComparison.Ordinal);
        Assert.Contains("is there twice", Refusal(Zip([.. entries, entries[0]])), StringComparison.Ordinal);
        Assert.Contains("signature", Refusal(Zip([entries[0], entries[1], ("model.weights.h5", "PK"u8.ToArray())])), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("model.weights.h5")]
    [InlineData("metadata.json")]
    public void A_zip_bomb_is_refused_before_it_is_unpacked(string bomb)
    {
        var zip = Zip([.. Entries($"{Folder}/lstm.keras").Select(entry => entry.Name == bomb ? (bomb, new byte[100 << 20]) : entry)]);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Contains("claims 104857600 bytes", Refusal(zip), StringComparison.Ordinal);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }

    [Fact]
    public void Weights_of_other_shapes_are_named()
    {
        var message = RefusalOf($"{Folder}/lstm.keras", config => config.Replace("\"units\": 4", "\"units\": 5", StringComparison.Ordinal));

        Assert.Contains("layer 'lstm' (LSTM) has weights of shapes [3, 16] [4, 16] [16]; with 5 units a kernel [I, 20] and a recurrent kernel [5, 20]", message, StringComparison.Ordinal);
        Assert.Contains("layer 'dense' (Dense) has no kernel [I, 9]", RefusalOf($"{Folder}/mask-zero.keras", config => config.Replace("\"units\": 2", "\"units\": 9", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Contains("merge_mode null", RefusalOf($"{Folder}/both-gru-concat.keras", config => config.Replace("\"concat\"", "null", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Contains("layer 'embedding' (Embedding) has no table", RefusalOf($"{Folder}/mask-zero.keras", config => config.Replace("\"output_dim\": 3", "\"output_dim\": 4", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Contains("has 4 weights; 3 of one length are expected", RefusalOf($"{Folder}/batch-norm.keras", config => config.Replace("\"scale\": true", "\"scale\": false", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_alone_are_refused_with_where_their_architecture_must_lie() =>
        Assert.Contains(
            "as stack-alone.weights.json or stack-alone.config.json",
            Assert.Throws<EngineException>(() => WeightFile.Read("stack-alone.weights.h5", TestFile.Bytes($"{Folder}/stack-alone.weights.h5"), _ => null)).Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("lstm.keras")]
    [InlineData("rnn.h5")]
    public void A_file_cut_at_any_byte_is_refused(string name)
    {
        var bytes = TestFile.Bytes($"{Folder}/{name}");

        for (var length = 0; length < bytes.Length; length++)
        {
            Refusal(bytes[..length]);
        }
    }

    [Fact]
    public void A_TF_js_model_cut_at_any_byte_is_refused()
    {
        var json = TfJs();

        for (var length = 0; length < json.Length; length++)
        {
            var exception = Assert.Throws<EngineException>(() => TfJsModel.Read("model.json", json.AsMemory(0, length), Shard));
            Assert.Equal(ErrorKind.BadModel, exception.Kind);
        }
    }

    [Theory]
    [InlineData("\"a.bin\"", "\"../a.bin\"", "must be the name of a file beside")]
    [InlineData("\"a.bin\"", "\"/etc/passwd\"", "must be the name of a file beside")]
    [InlineData("\"a.bin\"", "\"a.bin\\u0000\"", "must be the name of a file beside")]
    [InlineData("\"a.bin\"", "\"b.bin\"", "there is no file 'b.bin'")]
    [InlineData("\"a.bin\"", "7", "must be the name of a file beside")]
    [InlineData("\"a.bin\"", "\"a.bin\",\"a.bin\"", "512 bytes more than")]
    [InlineData("\"a.bin\"", "", "0 are left")]
    [InlineData("[3,16]", "[3,15]", "12 bytes more than")]
    [InlineData("[3,16]", "[3,17]", "needs 64 bytes; 52 are left")]
    [InlineData("[3,16]", "[2147483647,2147483647,2147483647,2147483647]", "512 are left")]
    [InlineData("[3,16]", "[-3,16]", "'name', 'shape' and 'dtype'")]
    [InlineData("[3,16]", "[3.5,16]", "'name', 'shape' and 'dtype'")]
    [InlineData("[3,16]", "[16,3]", "has weights of shapes [16, 3]")]
    [InlineData("[3,16]", "[48]", "has weights of shapes [48]")]
    [InlineData("lstm/kernel", "lstm/other", "has the weight 'lstm/other', which is not known")]
    [InlineData("lstm/kernel", "kernel", "has weights of shapes")]
    [InlineData("\"float32\"},{\"name\":\"lstm/rec", "\"float32\",\"quantization\":{\"dtype\":\"uint8\"}},{\"name\":\"lstm/rec", "is quantized")]
    [InlineData("\"float32\"},{\"name\":\"lstm/rec", "\"int32\"},{\"name\":\"lstm/rec", "of dtype 'int32'")]
    [InlineData("\"weightsManifest\":[{", "\"weightsManifest\":[7,{", "'paths' and 'weights'")]
    public void A_TF_js_manifest_that_lies_is_refused(string what, string by, string why)
    {
        var json = Encoding.UTF8.GetString(TfJs());
        Assert.Contains(what, json, StringComparison.Ordinal);
        var source = new ModelSource(TestFile.PathOf(Folder));

        var exception = Assert.Throws<EngineException>(() => WeightFile.Read(
            "model.json", Encoding.UTF8.GetBytes(json.Replace(what, by, StringComparison.Ordinal)), name => name == "a.bin" ? Shard(name) : source.Sibling(name)));

        Assert.Equal(ErrorKind.BadModel, exception.Kind);
        Assert.Contains(why, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Spoilt_archives_are_read_or_refused() => Mutations.Survive(
        [TestFile.Bytes($"{Folder}/lstm.keras"), TestFile.Bytes($"{Folder}/heads-keras3.keras"), Stored($"{Folder}/both-gru-concat.keras"), Stored($"{Folder}/mask-zero.keras")],
        bytes => Expect(WeightFile.Read("file", bytes, _ => null)),
        length => 1_200L * length + (4 << 20));            // what an entry may claim that deflate could make

    [Fact]
    public void Spoilt_HDF5_files_are_read_or_refused() => Mutations.Survive(
        [TestFile.Bytes($"{Folder}/rnn.h5"), TestFile.Bytes($"{Folder}/heads-keras2.h5"), TestFile.Bytes($"{Folder}/keras1-gru.h5"), TestFile.Bytes($"{Folder}/cudnngru.h5")],
        bytes => Expect(WeightFile.Read("file", bytes, _ => null)),
        Bound);

    [Fact]
    public void Spoilt_TF_js_models_are_read_or_refused() => Mutations.Survive(
        [TfJs()],
        bytes => Expect(TfJsModel.Read("model.json", bytes, Shard)),
        Bound);

    [Fact]
    public void Spoilt_configurations_are_read_or_refused()
    {
        string[] names = ["lstm", "heads-keras3", "both-gru-concat", "masking", "activation-layers", "time-distributed-keras3"];
        var weights = Entries($"{Folder}/heads-keras3.keras").Single(entry => entry.Name == "model.weights.h5").Content;

        Mutations.Survive(
            [.. names.Select(name => Entries($"{Folder}/{name}.keras").Single(entry => entry.Name == "config.json").Content)],
            bytes => Expect(WeightFile.Read("file.h5", weights, name => name == "file.json" ? bytes : default(ReadOnlyMemory<byte>?))),
            Bound);
    }

    // The tables of HDF5 and the configuration's tree.
    static long Bound(int length) => 100L * length + (2 << 20);

    static void Expect(ModelFile file)
    {
        Assert.NotNull(file.Layers);
        Assert.Equal(file.Tensors.Count, file.Tensors.DistinctBy(tensor => tensor.Name).Count());
        Assert.All(file.Tensors, tensor => Assert.Equal(tensor.Values.Length, tensor.Shape.Aggregate(1L, (product, size) => product * size)));
    }

    static string ClassOf(string name) => name.StartsWith("in", StringComparison.Ordinal) ? "InputLayer" : name == "lstm" ? "LSTM" : "Dense";

    static byte[] TfJs() => Encoding.UTF8.GetBytes($$$"""
        {"modelTopology":{"class_name":"Sequential","config":{"layers":[{{{Lstm}}}]}},"weightsManifest":[{"paths":["a.bin"],"weights":[{"name":"lstm/kernel","shape":[3,16],"dtype":"float32"},{"name":"lstm/recurrent_kernel","shape":[4,16],"dtype":"float32"},{"name":"lstm/bias","shape":[16],"dtype":"float32"}]}]}
        """);

    static ReadOnlyMemory<byte>? Shard(string name) => name == "a.bin" ? new byte[4 * (3 * 16 + 4 * 16 + 16)] : default(ReadOnlyMemory<byte>?);

    static string RefusalOfConfig(string config) =>
        Refusal(Zip([.. Entries($"{Folder}/lstm.keras").Select(entry => entry.Name == "config.json" ? (entry.Name, Encoding.Latin1.GetBytes(config)) : entry)]));

    static string RefusalOf(string name, Func<string, string> change) =>
        Refusal(Zip([.. Entries(name).Select(entry => entry.Name == "config.json" ? (entry.Name, Encoding.UTF8.GetBytes(change(Encoding.UTF8.GetString(entry.Content)))) : entry)]));

    static string Refusal(byte[] bytes)
    {
        var exception = Assert.Throws<EngineException>(() => WeightFile.Read("file", bytes, _ => null));
        Assert.Equal(ErrorKind.BadModel, exception.Kind);
        return exception.Message;
    }

    static byte[] Stored(string name) => Zip(Entries(name), CompressionLevel.NoCompression);

    static (string Name, byte[] Content)[] Entries(string name)
    {
        using var archive = new ZipArchive(new MemoryStream(TestFile.Bytes(name)));
        return [.. archive.Entries.Select(entry =>
        {
            using var stream = entry.Open();
            var content = new MemoryStream();
            stream.CopyTo(content);
            return (entry.FullName, content.ToArray());
        })];
    }

    static byte[] Zip((string Name, byte[] Content)[] entries, CompressionLevel level = CompressionLevel.Optimal)
    {
        var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in entries)
            {
                using var entry = archive.CreateEntry(name, level).Open();
                entry.Write(content);
            }
        }

        return stream.ToArray();
    }
}
