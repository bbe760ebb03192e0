using Rnn.Engine.Manifests;
using Rnn.Engine.Weights;

namespace Rnn.Engine.Formats;

/// <summary>
/// Tells the layers of a network from the names and shapes of its tensors, as PyTorch's modules name them. What names and shapes
/// can't tell is a doubt, never a guess.
/// </summary>
static class StateDict
{
    const int MaxModules = 24;

    /// <summary>Describes a file.</summary>
    /// <param name="format">Its format.</param>
    /// <param name="tensors">Its tensors in the order of the file.</param>
    public static ModelFile Describe(string format, IReadOnlyList<Tensor> tensors)
    {
        var (named, modules) = TorchModules.Find(tensors);
        if (named.CountBy(tensor => tensor.Name, StringComparer.Ordinal).FirstOrDefault(count => count.Value > 1).Key is { } twin)
        {
            throw EngineException.Model($"Two tensors are called '{twin}', as parameters of a module without a name are.");
        }

        var file = new ModelFile { Format = format, Tensors = named };
        if (modules.Count > MaxModules || !modules.Exists(module => module.Layer is RecurrentManifest))
        {
            return file;
        }

        var (chain, isCertain) = Chain(modules);
        var unclaimed = named.Select(tensor => tensor.Name).Except(chain.SelectMany(module => module.Tensors)).ToList();
        return file with { Layers = [.. chain.Select(module => module.Layer)], Doubts = [.. Doubts(chain, isCertain, unclaimed)] };
    }

    /// <summary>
    /// The modules in the order in which the output of each is the input of the next: the file's own if it is one, else the only
    /// one there is. If there is none that takes all of them, as many as follow one another in the file.
    /// </summary>
    static (List<TorchModule> Chain, bool IsCertain) Chain(List<TorchModule> modules)
    {
        if (Fits(modules))
        {
            return (modules, true);
        }

        var orders = Orders(modules);
        if (orders.Count > 0)
        {
            return (orders[0], orders.Count == 1);
        }

        var chain = new List<TorchModule>();
        foreach (var module in modules.SkipWhile(module => module.Layer is not (EmbeddingManifest or RecurrentManifest)))
        {
            if (chain.Count == 0 || (chain[^1].Output == module.Input && module.Layer is not EmbeddingManifest))
            {
                chain.Add(module);
            }
        }

        return (chain.Exists(module => module.Layer is RecurrentManifest) ? chain : [modules.Find(module => module.Layer is RecurrentManifest)!], true);
    }

    static bool Fits(List<TorchModule> modules) =>
        modules.Zip(modules.Skip(1)).All(pair => pair.First.Output == pair.Second.Input && pair.Second.Layer is not EmbeddingManifest);

    /// <summary>At most two orders that fit; none if too many would have to be tried.</summary>
    static List<List<TorchModule>> Orders(List<TorchModule> modules)
    {
        const int MaxTries = 10_000;
        const int Enough = 2;
        var found = new List<List<TorchModule>>();
        var tries = 0;
        Extend([], modules);
        return tries > MaxTries ? [] : found;

        void Extend(List<TorchModule> begun, List<TorchModule> rest)
        {
            if (found.Count == Enough || ++tries > MaxTries)
            {
                return;
            }

            if (rest.Count == 0)
            {
                found.Add(begun);
            }

            foreach (var module in rest)
            {
                var isNext = begun.Count == 0
                    ? module.Layer is EmbeddingManifest || !rest.Exists(other => other.Layer is EmbeddingManifest)
                    : begun[^1].Output == module.Input;
                if (isNext)
                {
                    Extend([.. begun, module], [.. rest.Where(other => other != module)]);
                }
            }
        }
    }

    static IEnumerable<string> Doubts(List<TorchModule> chain, bool isCertain, List<string> unclaimed)
    {
        if (!isCertain)
        {
            yield return "The order of the layers can't be told: more than one fits the shapes.";
        }

        foreach (var elman in chain.Select(module => module.Layer).OfType<ElmanManifest>())
        {
            yield return $"Whether '{elman.Name}' has tanh or relu can't be told from its weights: \"activation\".";
        }

        var top = chain.FindLastIndex(module => module.Layer is RecurrentManifest);
        if (top < chain.Count - 1 && chain.Exists(module => module.Layer is RecurrentManifest { Direction: Direction.Bidirectional }))
        {
            yield return $"Whether '{((RecurrentManifest)chain[top].Layer).Name}' passes on every timestep, each direction's last (\"returnsLast\": true) or the last timestep "
                + "({ \"kind\": \"last\" } after it) can't be told.";
        }

        if (chain.Zip(chain.Skip(1)).Any(pair => pair.First.Layer is DenseManifest && pair.Second.Layer is DenseManifest or RecurrentManifest))
        {
            yield return "Which function stands between dense layers can't be told: \"activation\".";
        }

        if (unclaimed.Count > 0)
        {
            yield return $"No layer uses {string.Join(", ", unclaimed.Take(8).Select(name => $"'{name}'"))}{(unclaimed.Count > 8 ? "..." : "")}: "
                + "name its layer, or leave it out by \"ignoredTensors\".";
        }
    }
}
