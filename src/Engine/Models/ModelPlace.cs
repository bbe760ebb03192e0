using System.Globalization;

namespace Rnn.Engine.Models;

/// <summary>Where one version of a model lies in the folder.</summary>
/// <param name="Name">The model's name.</param>
/// <param name="Label">What its folder calls the version.</param>
/// <param name="Source">Its files.</param>
sealed record ModelPlace(string Name, string Label, ModelSource Source)
{
    /// <summary>The version; null if its folder's name is none.</summary>
    public int? Version { get; } = int.TryParse(Label, NumberStyles.None, CultureInfo.InvariantCulture, out var version) && version > 0 ? version : null;

    /// <summary>
    /// Tells this content from another without reading it: names, sizes and times of the files, of what a link leads to. It changes
    /// while a file is being written.
    /// </summary>
    /// <exception cref="IOException">The files went away meanwhile.</exception>
    public string Signature() => string.Join('|', Files().Select(file =>
    {
        var target = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
        return target.Exists ? $"{file.Name}:{target.Length}:{target.LastWriteTimeUtc.Ticks}" : file.Name;
    }));

    IEnumerable<FileInfo> Files() => Source.WeightsFile is { } file
        ? [new FileInfo(Path.Combine(Source.Folder, file))]
        : new DirectoryInfo(Source.Folder).EnumerateFiles().OrderBy(file => file.Name, StringComparer.Ordinal);
}
