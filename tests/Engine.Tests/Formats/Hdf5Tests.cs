using Rnn.Engine.Formats.Hdf5;

namespace Rnn.Engine.Tests.Formats;

public sealed class Hdf5Tests
{
    static readonly Dictionary<string, Expected> Files = TestFile.Json<Dictionary<string, Expected>>("hdf5/expected.json");

    public static TheoryData<string> Names => [.. Files.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_float_has_the_value_that_h5py_reads(string name)
    {
        var file = Read(name);

        foreach (var expected in Files[name].Datasets)
        {
            var dataset = GroupAt(file, expected.Path[..^1]).Dataset(expected.Path[^1]);

            Assert.NotNull(dataset);
            Assert.Equal("/" + string.Join('/', expected.Path), dataset.Path);
            Assert.Equal(expected.Shape, dataset.Shape);
            Assert.Equal(expected.Values is not null, dataset.IsFloat);
            if (expected.Values is not null)
            {
                Assert.Equal(expected.Values, dataset.ReadFloats());
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_string_attribute_has_the_value_that_h5py_reads(string name)
    {
        var file = Read(name);

        foreach (var text in Files[name].Texts)
        {
            var group = GroupAt(file, [.. text[0].EnumerateArray().Select(part => part.GetString()!)]);
            var attribute = text[1].GetString()!;
            if (text[2].ValueKind == System.Text.Json.JsonValueKind.Array)
            {
                Assert.Equal(text[2].EnumerateArray().Select(value => value.GetString()!), group.Texts(attribute));
            }
            else
            {
                Assert.Equal(text[2].GetString(), group.Text(attribute));
            }
        }
    }

    [Theory]
    [InlineData("groups-earliest.h5", 700)]
    [InlineData("groups-latest.h5", 700)]
    public void A_group_gives_all_its_names_in_order(string name, int count)
    {
        var file = Read(name);

        Assert.Equal(["crowd", "few", "many", "shared"], file.Root.Names);
        Assert.Equal(count, file.Root.Group("crowd")!.Names.Count);
        Assert.Equal(["layers\\gru\\cell"], file.Root.Group("few")!.Names);
        Assert.Same(file.Root.Group("few"), file.Root.Group("few"));
    }

    [Fact]
    public void What_is_not_there_or_of_another_kind_is_null()
    {
        var file = Read("groups-earliest.h5");

        Assert.Null(file.Root.Group("none"));
        Assert.Null(file.Root.Dataset("few"));
        Assert.Null(file.Root.Group("shared"));
        Assert.Null(file.Root.Group("many/layer_0"));
        Assert.Null(file.Root.Text("none"));
        Assert.Null(file.Root.Texts("none"));
        Assert.Null(Read("texts-earliest.h5").Root.Text("null"));
        Assert.Equal("a string", Read("types-earliest.h5").Root.Dataset("text")!.ReadText());
        Assert.Null(Read("types-earliest.h5").Root.Dataset("f4")!.ReadText());
    }

    [Theory]
    [InlineData("number", "Integer")]
    [InlineData("variable_array", "3 strings")]
    public void An_attribute_that_is_not_one_string_is_refused_by_name(string attribute, string what)
    {
        var exception = Assert.Throws<EngineException>(() => Read("texts-latest.h5").Root.Text(attribute));

        Assert.Contains($"'{attribute}'", exception.Message, StringComparison.Ordinal);
        Assert.Contains(what, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_the_signature_makes_an_HDF5_file()
    {
        Assert.True(Hdf5File.IsHdf5(TestFile.Bytes("hdf5/texts-latest.h5")));
        Assert.False(Hdf5File.IsHdf5("PK"u8));
        Assert.False(Hdf5File.IsHdf5([]));
    }

    static Hdf5File Read(string name) => Hdf5File.Read(name, TestFile.Bytes($"hdf5/{name}"));

    static Hdf5Group GroupAt(Hdf5File file, string[] path) => path.Aggregate(file.Root, (group, name) => group.Group(name)!);

    sealed record Expected(System.Text.Json.JsonElement[][] Texts, ExpectedDataset[] Datasets);

    sealed record ExpectedDataset(string[] Path, long[] Shape, float[]? Values);
}
