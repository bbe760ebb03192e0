namespace Rnn.Engine.Models;

/// <summary>The versions of one model that are served, and which of them a call gets. Immutable.</summary>
sealed class ModelVersions
{
    readonly string _name;
    readonly int? _default;
    readonly IReadOnlyDictionary<string, int> _labels;
    readonly (RecurrentModel Model, double Share)[] _canaries;

    /// <param name="models">One or more of one name, the highest version first.</param>
    /// <param name="rules">Which of them is meant if none is named.</param>
    public ModelVersions(IReadOnlyList<RecurrentModel> models, VersionRules rules)
    {
        All = models;
        _name = models[0].Name;
        _default = rules.DefaultOf(_name);
        _labels = rules.LabelsOf(_name);
        _canaries = [.. rules.SharesOf(_name).Select(share => (Find(share.Key)!, share.Value)).Where(share => share.Item1 is not null)];
    }

    /// <summary>The highest version first.</summary>
    public IReadOnlyList<RecurrentModel> All { get; }

    /// <summary>The version of calls that name none.</summary>
    /// <exception cref="EngineException">One is set, and not loaded.</exception>
    public RecurrentModel Default => _default is null ? All[0] : Get(_default.Value);

    /// <exception cref="EngineException">It is not loaded.</exception>
    public RecurrentModel Get(int version) => Find(version) ?? throw new EngineException(
        ErrorKind.ModelNotFound, $"Model '{_name}' has no version {version}. Loaded are: {string.Join(", ", All.Select(model => model.Version))}.");

    /// <exception cref="EngineException">There is no such label, or its version is not loaded.</exception>
    public RecurrentModel Labelled(string label) => _labels.TryGetValue(label, out var version) ? Get(version) : throw new EngineException(
        ErrorKind.ModelNotFound, $"Model '{_name}' has no label '{label}'. There are: {string.Join(", ", _labels.Keys.Order(StringComparer.Ordinal))}.");

    /// <summary>The default, or for its share of the draws another.</summary>
    /// <param name="random">What is drawn from, if there is a choice.</param>
    public RecurrentModel Draw(Random random)
    {
        if (_canaries.Length == 0)
        {
            return Default;
        }

        var left = random.NextDouble();
        foreach (var (model, share) in _canaries)
        {
            left -= share;
            if (left < 0)
            {
                return model;
            }
        }

        return Default;
    }

    /// <returns>Null if it is not loaded.</returns>
    public RecurrentModel? Find(int version)
    {
        foreach (var model in All)
        {
            if (model.Version == version)
            {
                return model;
            }
        }

        return null;
    }
}
