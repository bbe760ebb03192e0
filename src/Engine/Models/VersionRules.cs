using System.Globalization;

namespace Rnn.Engine.Models;

/// <summary>Which version of a model a call gets that does not say. Without rules it is the highest.</summary>
public sealed record VersionRules
{
    /// <summary>By name: the version, or the label of one, of calls that name none.</summary>
    public IReadOnlyDictionary<string, string> Defaults { get; init; } = new Dictionary<string, string>();

    /// <summary>By name and label: a version, which <c>name@label</c> means.</summary>
    public IReadOnlyDictionary<string, Dictionary<string, int>> Labels { get; init; } = new Dictionary<string, Dictionary<string, int>>();

    /// <summary>By name and version: which share of stateless calls and new sessions gets it, if they name none.</summary>
    public IReadOnlyDictionary<string, Dictionary<int, double>> Canary { get; init; } = new Dictionary<string, Dictionary<int, double>>();

    /// <summary>What is wrong with them, each a sentence.</summary>
    public IEnumerable<string> Faults()
    {
        foreach (var (name, version) in Defaults.Where(entry => DefaultOf(entry.Key) is null))
        {
            yield return $"Defaults:{name} is '{version}', which is neither a version nor one of its labels.";
        }

        foreach (var (name, shares) in Canary)
        {
            if (shares.Values.Any(share => share is not (>= 0 and <= 1)) || shares.Values.Sum() > 1)
            {
                yield return $"Canary:{name} must be shares of 0 to 1 that are 1 at most together.";
            }
        }
    }

    internal int? DefaultOf(string name) =>
        !Defaults.TryGetValue(name, out var version) ? null
        : int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : LabelsOf(name).TryGetValue(version, out var labelled) ? labelled
        : null;

    internal IReadOnlyDictionary<string, int> LabelsOf(string name) => Labels.GetValueOrDefault(name) ?? [];

    internal IReadOnlyDictionary<int, double> SharesOf(string name) => Canary.GetValueOrDefault(name) ?? [];
}
