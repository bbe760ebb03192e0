using System.Buffers.Binary;
using Rnn.Engine.Formats.Hdf5;

namespace Rnn.Engine.Tests.Formats;

public sealed class Hdf5HostileTests
{
    // 64 MiB of values, as float32 of float16 and with the buffers of a chunk; and what the structures of a file may take.
    const long MaxValueBytes = 5 * (64L << 20);
    const int MaxStructureRatio = 64;
    const int MaxStructureBytes = 1 << 20;

    [Theory]
    [InlineData("soft-link", "soft link")]
    [InlineData("external-link", "external link")]
    [InlineData("external-storage", "external files")]
    [InlineData("cycle", "own path")]
    [InlineData("deep", "32 groups deep")]
    [InlineData("diamonds", "lead back to each other")]
    [InlineData("huge", "68719476736 bytes")]
    [InlineData("huge-chunks", "4398046511104 bytes")]
    [InlineData("two-gibibytes", "2147483648 bytes")]
    [InlineData("bomb", "exactly 168 bytes")]
    [InlineData("short", "exactly 168 bytes")]
    [InlineData("fill", "other than zero")]
    [InlineData("lzf", "filter 32000 (lzf)")]
    [InlineData("integers", "Integer of 8 bytes")]
    [InlineData("big-endian", "big-endian")]
    public void What_a_model_does_not_need_is_refused_by_name(string name, string why)
    {
        ExpectRefusal($"{name}.h5", why);
        ExpectRefusal($"{name}-latest.h5", why);
    }

    [Theory]
    [InlineData("absurd-chunks.h5", "2147483648 bytes")]
    [InlineData("absurd-chunks-latest.h5", "may grow")]
    [InlineData("virtual.h5", "virtual dataset")]
    [InlineData("growing.h5", "index 4")]
    public void What_depends_on_the_age_of_the_file_is_refused_by_name(string file, string why) => ExpectRefusal(file, why);

    [Theory]
    [InlineData("chunks-earliest.h5")]
    [InlineData("compact-earliest.h5")]
    [InlineData("compact-latest.h5")]
    [InlineData("texts-latest.h5")]
    public void A_file_cut_at_any_byte_is_refused(string name)
    {
        var bytes = TestFile.Bytes($"hdf5/{name}");

        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<EngineException>(() => Hdf5File.Read(name, bytes.AsMemory(0, length)));
        }
    }

    [Fact]
    public void A_file_that_claims_2_GiB_of_2_KiB_is_refused()
    {
        var bytes = TestFile.Bytes("hdf5/compact-earliest.h5");
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(40), 1L << 31);

        var exception = Assert.Throws<EngineException>(() => Hdf5File.Read("file", bytes));

        Assert.Contains("2147483648", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_spoilt_file_is_read_or_refused_and_allocates_no_more_than_it_may()
    {
        var corpus = Directory.EnumerateFiles(TestFile.PathOf("hdf5"), "*.h5", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal).Select(File.ReadAllBytes).Where(bytes => bytes.Length < 50_000).ToList();

        Mutations.Survive(corpus, ReadAll, length => MaxValueBytes + MaxStructureRatio * (long)length + MaxStructureBytes);
    }

    static void ExpectRefusal(string file, string why)
    {
        var exception = Assert.Throws<EngineException>(() => Walk(Hdf5File.Read(file, TestFile.Bytes($"hdf5/refused/{file}")).Root));

        Assert.Equal(ErrorKind.BadModel, exception.Kind);
        Assert.StartsWith($"{file}: '/", exception.Message, StringComparison.Ordinal);
        Assert.Contains(why, exception.Message, StringComparison.Ordinal);
    }

    static void ReadAll(byte[] bytes) => Walk(Hdf5File.Read("file", bytes).Root);

    static void Walk(Hdf5Group group)
    {
        _ = group.Text("variable");
        _ = group.Texts("variable_array");
        _ = group.Texts("fixed_array");
        _ = group.Text("name_7");
        foreach (var name in group.Names)
        {
            if (group.Dataset(name) is { } dataset)
            {
                _ = dataset.ReadText();
                if (dataset.IsFloat || name == "w")
                {
                    _ = dataset.ReadFloats();
                }
            }

            if (group.Group(name) is { } below)
            {
                Walk(below);
            }
        }
    }
}
