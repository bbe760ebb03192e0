using System.Collections.Frozen;
using System.Globalization;
using Rnn.Engine.Formats;

namespace Rnn.Engine.Models;

/// <summary>The models that are served, by name and version.</summary>
public sealed class ModelCatalog
{
    readonly FrozenDictionary<string, RecurrentModel[]> _models;

    /// <param name="models">The models; no two of the same name and version.</param>
    /// <param name="refused">Why others are not served, each a sentence.</param>
    public ModelCatalog(IEnumerable<RecurrentModel> models, IReadOnlyList<string>? refused = null)
    {
        Refused = refused ?? [];
        _models = models
            .GroupBy(model => model.Name, StringComparer.Ordinal)
            .ToFrozenDictionary(
                group => group.Key,
                group => group.OrderByDescending(model => model.Version).ToArray(),
                StringComparer.Ordinal);
    }

    /// <summary>Every version of every model, by name, the highest version first.</summary>
    public IEnumerable<RecurrentModel> All =>
        _models.OrderBy(entry => entry.Key, StringComparer.Ordinal).SelectMany(entry => entry.Value);

    /// <summary>The models of the folder that are not served, each a sentence that says which and why.</summary>
    public IReadOnlyList<string> Refused { get; }

    /// <summary>
    /// Loads every model of a folder: <c>{name}/{version}/</c> with weights and perhaps a <c>model.json</c>, <c>{name}/</c> with
    /// the same, or just a file <c>{name}.pt</c>, <c>.keras</c> and so on; the last two are version 1. One that can't be served
    /// does not keep the others from it.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="loader">What loads each.</param>
    /// <exception cref="EngineException">There is no such folder.</exception>
    public static ModelCatalog Load(string folder, ModelLoader loader)
    {
        if (!Directory.Exists(folder))
        {
            throw EngineException.Model($"There is no model folder '{folder}'.");
        }

        var models = new Dictionary<(string, int), RecurrentModel>();
        var refused = new List<string>();
        foreach (var (name, versionText, source) in Sources(folder))
        {
            try
            {
                var version = VersionOf(name, versionText);
                if (!models.TryAdd((name, version), loader.Load(name, version, source)))
                {
                    throw EngineException.Model($"Model '{name}' version {version} is there twice: as a folder and as a file.");
                }
            }
            catch (EngineException exception) when (exception.Kind == ErrorKind.BadModel)
            {
                refused.Add(exception.Message);
            }
            catch (Exception exception) when (exception is not EngineException)
            {
                // A fault of ours in one model's file is no reason not to serve the others.
                refused.Add($"Model '{name}': {exception.GetType().Name}: {exception.Message} This is a bug.");
            }
        }

        return new ModelCatalog(models.Values, refused);
    }

    /// <summary>The model <paramref name="name"/> in <paramref name="version"/>, or in its highest if that is null.</summary>
    /// <exception cref="EngineException">It is not loaded.</exception>
    public RecurrentModel Get(string name, int? version)
    {
        if (!_models.TryGetValue(name, out var versions))
        {
            throw new EngineException(
                ErrorKind.ModelNotFound,
                $"No model of that name is loaded. Loaded are: {string.Join(", ", _models.Keys.Order(StringComparer.Ordinal))}.");
        }

        return version is null
            ? versions[0]
            : Array.Find(versions, model => model.Version == version) ?? throw new EngineException(
                ErrorKind.ModelNotFound,
                $"Model '{name}' has no version {version}. Loaded are: {string.Join(", ", versions.Select(model => model.Version))}.");
    }

    /// <summary>A version of a model; null if it is not loaded.</summary>
    public RecurrentModel? Find(string name, int version) =>
        _models.TryGetValue(name, out var versions) ? Array.Find(versions, model => model.Version == version) : null;

    static IEnumerable<(string Name, string Version, ModelSource Source)> Sources(string folder)
    {
        foreach (var model in Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(model);
            var versions = Directory.EnumerateDirectories(model).Where(ModelSource.IsModel).Order(StringComparer.Ordinal).ToList();
            if (versions.Count == 0 && ModelSource.IsModel(model))
            {
                yield return (name, "1", new ModelSource(model));
            }

            foreach (var version in versions)                  // a file that lies beside them is none of them
            {
                yield return (name, Path.GetFileName(version), new ModelSource(version));
            }
        }

        foreach (var file in Directory.EnumerateFiles(folder).Where(ModelSource.IsWeights).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(file);
            var extension = WeightFile.Extensions.OrderByDescending(extension => extension.Length)
                .First(extension => name.EndsWith(extension, StringComparison.OrdinalIgnoreCase));
            yield return (name[..^extension.Length], "1", new ModelSource(folder, name));
        }
    }

    static int VersionOf(string name, string folder) =>
        int.TryParse(folder, NumberStyles.None, CultureInfo.InvariantCulture, out var version) && version > 0
            ? version
            : throw EngineException.Model($"Model '{name}': the folder '{folder}' holds a model; its name must be the version, a number from 1.");
}
