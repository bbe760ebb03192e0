using System.Collections.Frozen;
using System.Globalization;

namespace Rnn.Engine.Models;

/// <summary>The models that are served, by name and version.</summary>
public sealed class ModelCatalog
{
    readonly FrozenDictionary<string, RecurrentModel[]> _models;

    /// <param name="models">The models; no two of the same name and version.</param>
    public ModelCatalog(IEnumerable<RecurrentModel> models) => _models = models
        .GroupBy(model => model.Name, StringComparer.Ordinal)
        .ToFrozenDictionary(
            group => group.Key,
            group => group.OrderByDescending(model => model.Version).ToArray(),
            StringComparer.Ordinal);

    /// <summary>Every version of every model, by name, the highest version first.</summary>
    public IEnumerable<RecurrentModel> All =>
        _models.OrderBy(entry => entry.Key, StringComparer.Ordinal).SelectMany(entry => entry.Value);

    /// <summary>Loads every <c>{folder}/{name}/{version}/model.json</c>.</summary>
    /// <exception cref="EngineException">There is no such folder, or a model can't be served.</exception>
    public static ModelCatalog Load(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw EngineException.Model($"There is no model folder '{folder}'.");
        }

        return new ModelCatalog(
            from model in Directory.EnumerateDirectories(folder)
            from version in Directory.EnumerateDirectories(model)
            where File.Exists(Path.Combine(version, "model.json"))
            select ModelLoader.Load(Path.GetFileName(model), VersionOf(version), version));
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

    static int VersionOf(string folder) =>
        int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var version) && version > 0
            ? version
            : throw EngineException.Model($"'{folder}' holds a model; the folder's name must be the version, a number from 1.");
}
