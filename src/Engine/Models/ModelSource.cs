using Rnn.Engine.Formats;
using Rnn.Engine.Manifests;

namespace Rnn.Engine.Models;

/// <summary>Where the files of one version of a model are: a folder, or a single file of weights.</summary>
/// <param name="Folder">The folder that holds them.</param>
/// <param name="WeightsFile">The file, if the source is just that; null if the folder says which.</param>
public sealed record ModelSource(string Folder, string? WeightsFile = null)
{
    /// <summary>What describes a model; a model that needs no description has none.</summary>
    public const string ManifestFile = "model.json";

    const long MaxWeightBytes = 512L << 20;
    const long MaxManifestBytes = 16L << 20;
    const long MaxStateBytes = 16L << 20;
    const string StateExtension = ".state";

    /// <summary>Whether it is there.</summary>
    internal bool Exists => WeightsFile is null ? Directory.Exists(Folder) : File.Exists(Path.Combine(Folder, WeightsFile));

    /// <summary>Whether a folder holds what may be a model.</summary>
    public static bool IsModel(string folder) =>
        File.Exists(Path.Combine(folder, ManifestFile)) || Directory.EnumerateFiles(folder).Any(IsWeights);

    /// <summary>Whether a file is called as files of weights are.</summary>
    public static bool IsWeights(string file) => WeightFile.Extensions.Any(extension => file.EndsWith(extension, StringComparison.OrdinalIgnoreCase));

    /// <summary>What <c>model.json</c> says; all left open if there is none, or if it is the weights file itself (TF.js).</summary>
    /// <exception cref="EngineException">It can't be read.</exception>
    public ModelManifest ReadManifest()
    {
        if (WeightsFile is not null || !File.Exists(Path.Combine(Folder, ManifestFile)))
        {
            return new ModelManifest { Format = ModelManifest.CurrentFormat, Weights = WeightsFile };
        }

        var bytes = Read(ManifestFile, MaxManifestBytes);
        return WeightFile.IsTfJs(bytes.Span)
            ? new ModelManifest { Format = ModelManifest.CurrentFormat, Weights = ManifestFile }
            : ManifestJson.Read(ManifestFile, bytes.Span);
    }

    /// <summary>The weights file that a manifest means.</summary>
    /// <exception cref="EngineException">There is none, or more than one.</exception>
    public string WeightsOf(ModelManifest manifest)
    {
        if (manifest.Weights is { } named)
        {
            return named;
        }

        var files = Directory.EnumerateFiles(Folder).Select(file => Path.GetFileName(file)).Where(IsWeights).Order(StringComparer.Ordinal).ToList();
        return files switch
        {
            [var file] => file,
            [] => throw EngineException.Model($"there is no file of weights; one whose name ends in {string.Join(", ", WeightFile.Extensions)} is expected."),
            _ => files.Find(file => file.EndsWith(".index.json", StringComparison.OrdinalIgnoreCase)) ?? throw EngineException.Model(
                $"there are several files of weights: {string.Join(", ", files)}. Name one in model.json: \"weights\": \"{files[0]}\"."),
        };
    }

    /// <summary>The content of a file of weights.</summary>
    /// <exception cref="EngineException">Its name is a path, it is not there, or it is too large.</exception>
    public ReadOnlyMemory<byte> Read(string file) => Read(file, MaxWeightBytes);

    /// <summary>The content of another file beside it; null if there is none.</summary>
    /// <exception cref="EngineException">Its name is a path, or it is too large.</exception>
    public ReadOnlyMemory<byte>? Sibling(string file) => TryRead(file, MaxWeightBytes);

    /// <summary>When a file of weights was last written.</summary>
    public DateTimeOffset ModifiedOf(string file) => File.GetLastWriteTimeUtc(Path.Combine(Folder, file));

    /// <summary>The named states to begin with that lie beside the weights, each in its binary form in a file <c>{name}.state</c>.</summary>
    /// <exception cref="EngineException">One can't be read.</exception>
    public IEnumerable<(string Name, ReadOnlyMemory<byte> Bytes)> States() => WeightsFile is not null
        ? []
        : Directory.EnumerateFiles(Folder, $"*{StateExtension}")
            .Select(file => Path.GetFileName(file))
            .Order(StringComparer.Ordinal)
            .Select(file => (file[..^StateExtension.Length], Read(file, MaxStateBytes)));

    ReadOnlyMemory<byte> Read(string file, long maxBytes) =>
        TryRead(file, maxBytes) ?? throw EngineException.Model($"there is no file '{file}'.");

    ReadOnlyMemory<byte>? TryRead(string file, long maxBytes)
    {
        if (Path.GetFileName(file) != file || file is "" or "." or ".." || file.Contains('\0'))
        {
            throw EngineException.Model($"'{file}' must be the name of a file beside model.json.");
        }

        var path = Path.Combine(Folder, file);
        try
        {
            if (!File.Exists(path))
            {
                return null;
            }

            using var stream = File.OpenRead(path);        // its length is the file's own, also behind a link
            if (stream.Length > maxBytes)
            {
                throw EngineException.Model($"{file}: {stream.Length} bytes are more than the {maxBytes} that are read.");
            }

            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }
        catch (FileNotFoundException)
        {
            throw EngineException.Model($"{file}: it is a link that leads nowhere.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw EngineException.Model($"{file}: it can't be read ({exception.GetType().Name}).");
        }
    }
}
