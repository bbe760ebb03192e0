using Rnn.Engine.Formats;

namespace Rnn.Engine.Models;

/// <summary>
/// A folder of models: <c>{name}/{version}/</c> with weights and perhaps a <c>model.json</c>, <c>{name}/</c> with the same, or just a
/// file <c>{name}.pt</c>, <c>.keras</c> and so on; the last two are version 1.
/// </summary>
sealed class ModelRepository(string folder)
{
    /// <summary>What lies there, in the order in which it is loaded.</summary>
    /// <exception cref="EngineException">There is no such folder.</exception>
    public IReadOnlyList<ModelPlace> Places() => Directory.Exists(folder)
        ? [.. Folders(), .. Files()]
        : throw EngineException.Model($"There is no model folder '{folder}'.");

    IEnumerable<ModelPlace> Folders()
    {
        foreach (var model in Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(model);
            var versions = Directory.EnumerateDirectories(model).Where(ModelSource.IsModel).Order(StringComparer.Ordinal).ToList();
            if (versions.Count == 0 && ModelSource.IsModel(model))
            {
                yield return new(name, "1", new ModelSource(model));
            }

            foreach (var version in versions)                  // a file that lies beside them is none of them
            {
                yield return new(name, Path.GetFileName(version), new ModelSource(version));
            }
        }
    }

    IEnumerable<ModelPlace> Files()
    {
        foreach (var file in Directory.EnumerateFiles(folder).Where(ModelSource.IsWeights).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(file);
            var extension = WeightFile.Extensions.OrderByDescending(extension => extension.Length)
                .First(extension => name.EndsWith(extension, StringComparison.OrdinalIgnoreCase));
            yield return new(name[..^extension.Length], "1", new ModelSource(folder, name));
        }
    }
}
