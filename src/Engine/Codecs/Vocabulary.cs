using System.Collections.Frozen;

namespace Rnn.Engine.Codecs;

/// <summary>The tokens of a model, by index and by text.</summary>
public sealed class Vocabulary
{
    readonly string[] _tokens;
    readonly FrozenDictionary<string, int> _indices;

    /// <param name="tokens">The text of each token in the order of their indices; at least one, no two alike.</param>
    /// <param name="unknown">The token that stands for everything else; null if such text is refused.</param>
    /// <param name="start">The token that begins a text which has no prompt, if there is one.</param>
    /// <param name="end">The token that ends a text, if there is one.</param>
    /// <exception cref="EngineException">Two tokens are alike, or a special token is not among them.</exception>
    public Vocabulary(IReadOnlyList<string> tokens, string? unknown, string? start, string? end)
    {
        if (tokens.Count == 0)
        {
            throw EngineException.Model("model.json: input.vocabulary holds no token.");
        }

        var indices = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (index, token) in tokens.Index())
        {
            if (token is null or "" || !indices.TryAdd(token, index))
            {
                throw EngineException.Model($"model.json: input.vocabulary[{index}] is empty or stands there twice.");
            }
        }

        _tokens = [.. tokens];
        _indices = indices.ToFrozenDictionary(StringComparer.Ordinal);
        Unknown = Special(unknown, "unknown");
        Start = Special(start, "start");
        End = Special(end, "end");
    }

    /// <summary>V, the number of tokens.</summary>
    public int Count => _tokens.Length;

    /// <summary>The index of the token that stands for everything else.</summary>
    public int? Unknown { get; }

    /// <summary>The index of the token that begins a text which has no prompt.</summary>
    public int? Start { get; }

    /// <summary>The index of the token that ends a text.</summary>
    public int? End { get; }

    /// <summary>The texts of all tokens, by index.</summary>
    public IReadOnlyList<string> Tokens => _tokens;

    /// <summary>The index of a text; that of <see cref="Unknown"/> if it has none of its own, or null.</summary>
    public int? Find(string text) => _indices.TryGetValue(text, out var index) ? index : Unknown;

    /// <summary>The index of a text that is a token; null if it is none.</summary>
    public int? IndexOf(string text) => _indices.TryGetValue(text, out var index) ? index : null;

    int? Special(string? token, string name)
    {
        if (token is null)
        {
            return null;
        }

        return _indices.TryGetValue(token, out var index)
            ? index
            : throw EngineException.Model($"model.json: input.{name} '{token}' is not in input.vocabulary.");
    }
}
