using Rnn.Engine.Formats.Hdf5;
using Rnn.Engine.Formats.Keras;
using Rnn.Engine.Formats.Onnx;
using Rnn.Engine.Formats.PyTorch;

namespace Rnn.Engine.Formats;

/// <summary>Reads a file of weights in any of the formats; which one it is, its content says, not its name.</summary>
public static class WeightFile
{
    /// <summary>What a file may be called.</summary>
    public static IReadOnlyList<string> Extensions { get; } =
        [".safetensors", ".safetensors.index.json", ".pt", ".pth", ".keras", ".h5", ".hdf5", ".onnx"];

    /// <summary>Whether a JSON file is a TF.js layers model, which like our own manifest is called <c>model.json</c>.</summary>
    public static bool IsTfJs(ReadOnlySpan<byte> bytes) => bytes.IndexOf("\"modelTopology\""u8) >= 0;

    /// <summary>Reads a file.</summary>
    /// <param name="file">Its name, for messages.</param>
    /// <param name="bytes">All of it.</param>
    /// <param name="sibling">Gives the content of another file beside it, by its plain name; null if there is none.</param>
    /// <exception cref="EngineException">It is of no known format, or can't be used.</exception>
    public static ModelFile Read(string file, ReadOnlyMemory<byte> bytes, Func<string, ReadOnlyMemory<byte>?> sibling)
    {
        if (ZipEntries.IsZip(bytes.Span))
        {
            using var entries = ZipEntries.Read(file, bytes);
            return KerasFile.Is(entries) ? KerasFile.ReadArchive(file, entries) : TorchCheckpoint.ReadZip(file, bytes, entries);
        }

        if (TorchCheckpoint.IsLegacy(bytes.Span))
        {
            return TorchCheckpoint.ReadLegacy(file, bytes);
        }

        if (Hdf5File.IsHdf5(bytes.Span))
        {
            return KerasFile.ReadHdf5(file, bytes, sibling);
        }

        if (bytes.Span.TrimStart(" \t\r\n"u8) is [(byte)'{', ..] && IsTfJs(bytes.Span))
        {
            return TfJsModel.Read(file, bytes, sibling);
        }

        if (file.EndsWith(".index.json", StringComparison.OrdinalIgnoreCase))
        {
            return ShardedSafeTensors.Read(file, bytes, sibling);
        }

        return !SafeTensors.Is(bytes.Span) && OnnxFile.LooksLikeOnnx(bytes.Span) ? OnnxFile.Read(file, bytes) : SafeTensors.Read(file, bytes);
    }
}
