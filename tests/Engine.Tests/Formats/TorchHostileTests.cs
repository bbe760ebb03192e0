using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Rnn.Engine.Formats;
using Rnn.Engine.Formats.PyTorch;

namespace Rnn.Engine.Tests.Formats;

/// <summary>Checkpoints that mean harm, or are damaged.</summary>
public sealed class TorchHostileTests
{
    const string Prefix = "\u0080\u0002";

    [Theory]
    [InlineData("cos\nsystem\nX\u0005\0\0\0touch\u0085R.", "os.system")]
    [InlineData("cbuiltins\neval\nX\u0001\0\0\u0000" + "1\u0085R.", "builtins.eval")]
    [InlineData("c__builtin__\nexec\n.", "__builtin__.exec")]
    [InlineData("X\u0005\0\0\0posixX\u0006\0\0\0system\u0093.", "posix.system")]
    [InlineData("ctorch.storage\n_load_from_bytes\n.", "torch.storage._load_from_bytes")]
    [InlineData("ctorch.nn.modules.rnn\nLSTM\n)\u0081.", "torch.nn.modules.rnn.LSTM")]
    [InlineData("cnumpy.core.multiarray\nscalar\n.", "numpy.core.multiarray.scalar")]
    [InlineData("(cos\nsystem\nX\u0002\0\0\0lso.", "os.system")]                    // code before a broken tail
    public void A_name_that_would_run_code_is_refused_by_name(string pickle, string name)
    {
        var message = Refusal(pickle);

        Assert.Contains($"'{name}'", message, StringComparison.Ordinal);
        Assert.Contains("nothing was run", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("(X\u0002\0\0\0lsios\nsystem\n.", "0x69")]                          // INST
    [InlineData("\u0082\u0001.", "0x82")]                                             // EXT1
    [InlineData("Pstorage\n.", "0x50")]                                           // PERSID
    [InlineData("K\u0001Q.", "persistent ID")]
    [InlineData("\u008b\u00ff\u00ff\u00ff\u007f.", "claims 2147483647 bytes")]              // LONG4
    [InlineData("\u008b\u00ff\u00ff\u00ff\u00ff.", "claims -1 bytes")]
    [InlineData("\u008d\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff.", "claims 18446744073709551615 bytes")]   // BINUNICODE8
    [InlineData("X\u00ff\u00ff\u00ff\u00ff.", "claims 4294967295 bytes")]
    [InlineData("h\u0005.", "recalls object 5")]
    [InlineData("00.", "more from its stack")]
    [InlineData("t.", "mark too few")]
    [InlineData("K\u0001K\u0002K\u0003s.", "no dictionary")]
    [InlineData("K\u0001(K\u0002e.", "no list")]
    [InlineData("K\u0001)R.", "calls what is no name")]
    [InlineData("K\u0001}b.", "attributes")]
    [InlineData("ccollections\nOrderedDict\n]K\u0001a\u0085R.", "no pairs")]
    [InlineData("", "claims 1 bytes")]
    public void A_damaged_pickle_is_refused_with_what_is_wrong(string pickle, string what) =>
        Assert.Contains(what, Refusal(pickle), StringComparison.Ordinal);

    [Fact]
    public void A_stack_of_a_million_objects_is_refused() =>
        Assert.Contains("more than 1048576 objects", Refusal(new string('N', 2_000_000) + "."), StringComparison.Ordinal);

    [Fact]
    public void Lists_in_lists_a_million_deep_are_refused()
    {
        // Built from the outside: each list is appended to the one before.
        var pickle = new StringBuilder("]");
        pickle.Insert(1, "]", 100_000).Append('a', 100_000).Append('.');

        Assert.Contains("deep", Refusal(pickle.ToString()), StringComparison.Ordinal);
    }

    [Fact]
    public void Objects_that_are_thrown_away_are_counted_too() =>
        Assert.Contains("2097152 opcodes", Refusal(string.Concat(Enumerable.Repeat("}0", 1_100_000)) + "N."), StringComparison.Ordinal);

    [Fact]
    public void A_pickle_that_is_compressed_is_none_of_PyTorchs() => Assert.Contains(
        "compressed", Refusal(Zip(CompressionLevel.SmallestSize, ("a/data.pkl", Latin(Prefix + new string('}', 100_000) + ".")))), StringComparison.Ordinal);

    [Fact]
    public void A_name_without_end_is_refused()
    {
        var key = new string('n', 1_001);

        Assert.Contains("more than 1000 characters", Refusal($"}}X\u00e9\u0003\0\0{key}}}s."), StringComparison.Ordinal);
    }

    [Fact]
    public void A_shape_without_end_is_refused() => Assert.Contains(
        "9 dimensions",
        Refusal("ctorch._utils\n_rebuild_tensor_v2\n((X\u0007\0\0\0storagectorch\nFloatStorage\nX\u0001\0\0\u00000X\u0003\0\0\0cpuK\u0005tQK\0(K\u0001K\u0001K\u0001K\u0001K\u0001K\u0001K\u0001K\u0001K\u0001t)tR."),
        StringComparison.Ordinal);

    [Fact]
    public void Thousands_of_entries_are_read_from_one_directory()
    {
        // Each entry once opened the archive anew, which took time by the square of their number.
        var entries = Enumerable.Range(0, 9_000).Select(index => ($"a/data/{index}", new byte[4])).ToArray();
        using var zip = ZipEntries.Read("file", Zip(CompressionLevel.NoCompression, entries));

        Assert.All(entries, entry => Assert.Equal(4, zip.Bytes(entry.Item1).Length));
    }

    [Fact]
    public void A_list_that_holds_itself_ends() => Assert.Contains("deep", Refusal("]q\0h\0a."), StringComparison.Ordinal);

    [Fact]
    public void Shared_objects_that_double_at_every_level_end()
    {
        // x1 = [x0, x0], x2 = [x1, x1]... : 2^15 paths of few objects, and a hundred such side by side.
        var pickle = new StringBuilder("]");
        for (var level = 0; level < 14; level++)
        {
            pickle.Append('q').Append((char)level).Append("0](h").Append((char)level).Append('h').Append((char)level).Append('e');
        }

        pickle.Append("q\u0020" + "0](");
        for (var side = 0; side < 100; side++)
        {
            pickle.Append("h\u0020");
        }

        Assert.Contains("100000 entries", Refusal(pickle.Append("e.").ToString()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("K\u0064", "K\u0005\u0085", "K\u0001\u0085", "does not lie")]               // an offset beyond the storage
    [InlineData("J\u00ff\u00ff\u00ff\u00ff", "K\u0005\u0085", "K\u0001\u0085", "does not lie")]   // a negative one
    [InlineData("K\0", "J\u00ff\u00ff\u00ff\u00ff\u0085", "K\u0001\u0085", "does not lie")]
    [InlineData("K\0", "K\u0005\u0085", "J\u00ff\u00ff\u00ff\u00ff\u0085", "does not lie")]     // a negative stride
    [InlineData("K\0", "K\u0005\u0085", "J\u00ff\u00ff\u00ff\u007f\u0085", "does not lie")]
    [InlineData("K\0", "J\u00ff\u00ff\u00ff\u007f\u0085", "K\0\u0085", "more than the file's")]    // one number, repeated
    [InlineData("K\0", "J\u00ff\u00ff\u00ff\u007fJ\u00ff\u00ff\u00ff\u007f\u0086", "K\0K\0\u0086", "does not lie")]
    [InlineData("K\0", "K\u0005\u0085", "K\u0001K\u0001\u0086", "does not lie")]
    public void A_tensor_that_does_not_lie_in_its_storage_is_refused(string offset, string shape, string strides, string what)
    {
        var pickle = $"{Prefix}}}X\u0001\0\0\0wctorch._utils\n_rebuild_tensor_v2\n((X\u0007\0\0\0storagectorch\nFloatStorage\nX\u0001\0\0\u00000X\u0003\0\0\0cpuK\u0005tQ"
            + $"{offset}{shape}{strides}\u0089}}tRs.";

        Assert.Contains(what, RefusalOfZip(("a/data.pkl", Latin(pickle)), ("a/data/0", new byte[20])), StringComparison.Ordinal);
    }

    [Fact]
    public void A_zip_whose_entries_lead_out_of_it_or_lie_is_refused()
    {
        var pickle = Latin(Prefix + "}.");

        Assert.Contains("leads out", RefusalOfZip(("../data.pkl", pickle)), StringComparison.Ordinal);
        Assert.Contains("leads out", RefusalOfZip(("/etc/data.pkl", pickle)), StringComparison.Ordinal);
        Assert.Contains("leads out", RefusalOfZip(("a\\..\\..\\data.pkl", pickle)), StringComparison.Ordinal);
        Assert.Contains("is there twice", RefusalOfZip(("a/data.pkl", pickle), ("a/data.pkl", pickle)), StringComparison.Ordinal);
        Assert.Contains("TorchScript", RefusalOfZip(("a/data.pkl", pickle), ("a/code/x.py", pickle)), StringComparison.Ordinal);
        Assert.Contains("big-endian", RefusalOfZip(("a/data.pkl", pickle), ("a/byteorder", Latin("big"))), StringComparison.Ordinal);
        Assert.Contains("no 'data.pkl'", RefusalOfZip(("a/data.txt", pickle)), StringComparison.Ordinal);
        Assert.Contains("no tensor", RefusalOfZip(("a/data.pkl", pickle)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_zip_bomb_is_refused_before_it_is_unpacked()
    {
        var zip = Zip(CompressionLevel.SmallestSize, ("a/data.pkl", new byte[100 << 20]));
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Contains("claims 104857600 bytes", Refusal(zip), StringComparison.Ordinal);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }

    [Fact]
    public void A_zip_whose_directory_claims_another_size_is_refused()
    {
        var zip = Zip(CompressionLevel.NoCompression, ("a/data.pkl", Latin(Prefix + "}.")));
        var directory = zip.AsSpan().LastIndexOf("PK\u0001\u0002"u8);
        var size = BinaryPrimitives.ReadInt32LittleEndian(zip.AsSpan(directory + 24));
        BinaryPrimitives.WriteInt32LittleEndian(zip.AsSpan(directory + 24), size - 1);

        Assert.Throws<EngineException>(() => Read(zip));
    }

    [Theory]
    [InlineData("pytorch/cell-gru.pt")]
    [InlineData("pytorch/form-legacy.pt")]
    public void A_file_cut_at_any_byte_is_refused(string name)
    {
        var bytes = TestFile.Bytes(name);

        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<EngineException>(() => Read(bytes[..length]));
        }
    }

    [Fact]
    public void Spoilt_zip_files_are_read_or_refused() =>
        Mutations.Survive(
            [TestFile.Bytes("pytorch/cell-gru.pt"), TestFile.Bytes("pytorch/rnn-tanh-1-no-bias.pt"), TestFile.Bytes("pytorch/form-nested.pt")],
            bytes => TorchCheckpoint.ReadZip("file", bytes, ZipEntries.Read("file", bytes)),
            Bound);

    [Fact]
    public void Spoilt_legacy_files_are_read_or_refused() =>
        Mutations.Survive(
            [TestFile.Bytes("pytorch/form-legacy.pt"), TestFile.Bytes("pytorch/form-shared-legacy.pt")],
            bytes => TorchCheckpoint.ReadLegacy("file", bytes),
            Bound);

    // What deflate can make of a byte, and objects of the pickle, which are some 100 bytes for a byte of it at worst.
    static long Bound(int length) => 1_200L * length + (4 << 20);

    static string Refusal(string pickle) => RefusalOfZip(("a/data.pkl", Latin(Prefix + pickle)));

    static string RefusalOfZip(params (string Name, byte[] Content)[] entries) => Refusal(Zip(CompressionLevel.NoCompression, entries));

    static string Refusal(byte[] zip)
    {
        var exception = Assert.Throws<EngineException>(() => Read(zip));
        Assert.Equal(ErrorKind.BadModel, exception.Kind);
        return exception.Message;
    }

    static ModelFile Read(byte[] bytes) => WeightFile.Read("file", bytes, _ => null);

    static byte[] Latin(string text) => Encoding.Latin1.GetBytes(text);

    static byte[] Zip(CompressionLevel level, params (string Name, byte[] Content)[] entries)
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
