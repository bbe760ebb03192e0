namespace Rnn.Engine.Weights;

/// <summary>
/// The tensors of one file. Each is taken once, with its exact shape, so that nothing is misread and nothing is left
/// over unnoticed.
/// </summary>
public sealed class WeightSet
{
    readonly string _file;
    readonly Dictionary<string, Tensor> _tensors;

    /// <param name="file">The file's name, for messages.</param>
    /// <param name="tensors">Its tensors; the names are distinct.</param>
    /// <param name="ignored">Beginnings of the names of those that are left out.</param>
    public WeightSet(string file, IEnumerable<Tensor> tensors, IReadOnlyList<string>? ignored = null)
    {
        _file = file;
        _tensors = tensors
            .Where(tensor => ignored?.Any(prefix => tensor.Name.StartsWith(prefix, StringComparison.Ordinal)) != true)
            .ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
    }

    /// <summary>The number of values not taken yet.</summary>
    public long ParameterCount => _tensors.Values.Sum(tensor => (long)tensor.Values.Length);

    /// <summary>Takes the values of tensor <paramref name="name"/>, which must have exactly <paramref name="shape"/>.</summary>
    /// <exception cref="EngineException">It is missing or has another shape.</exception>
    public float[] Take(string name, params ReadOnlySpan<int> shape)
    {
        if (!_tensors.Remove(name, out var tensor))
        {
            throw EngineException.Model(
                $"{_file}: tensor '{name}' is missing; present are {Names(_tensors.Keys)}.");
        }

        if (!shape.SequenceEqual(tensor.Shape))
        {
            throw EngineException.Model(
                $"{_file}: tensor '{name}' has shape [{string.Join(", ", tensor.Shape)}]; "
                + $"the layers need [{string.Join(", ", shape.ToArray())}].");
        }

        return tensor.Values;
    }

    /// <summary>Checks that every tensor was taken.</summary>
    /// <exception cref="EngineException">Some were not: the manifest describes another network.</exception>
    public void ExpectEmpty()
    {
        if (_tensors.Count > 0)
        {
            throw EngineException.Model($"{_file}: no layer uses {Names(_tensors.Keys)}. What is not part of the model can be left out: \"ignoredTensors\": [\"the beginning of its name\"].");
        }
    }

    static string Names(Dictionary<string, Tensor>.KeyCollection names)
    {
        const int Shown = 12;
        var list = string.Join(", ", names.Order(StringComparer.Ordinal).Take(Shown).Select(name => $"'{name}'"));
        return names.Count switch
        {
            0 => "none",
            > Shown => $"{list} and {names.Count - Shown} more",
            _ => list,
        };
    }
}
