using System.IO.Hashing;
using System.Text;

namespace Rnn.Engine.Codecs;

/// <summary>Turns the user's input into what the network reads.</summary>
public abstract class InputCodec
{
    /// <summary>I, the width of an input vector, or V, the number of tokens.</summary>
    public abstract int Size { get; }

    /// <summary>The input as timesteps; none if <paramref name="input"/> is empty.</summary>
    /// <exception cref="EngineException">The input is not of this model's kind, or a part of it can't be read.</exception>
    public abstract InputSequence Encode(ModelInput input);

    /// <summary>
    /// Identifies what its numbers stand for, so that tokens or features of one model can be told to be those of another. Null if they are
    /// neither.
    /// </summary>
    internal virtual string? Meaning => null;

    /// <summary>What it reads, to complete "this model reads".</summary>
    internal abstract string Reads { get; }

    private protected static string MeaningOf(string kind, IEnumerable<string?> names)
    {
        var hash = new XxHash128();
        foreach (var name in names.Prepend(kind))
        {
            hash.Append(Encoding.UTF8.GetBytes($"{name}\0"));
        }

        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    private protected void Refuse(object? present, string name)
    {
        if (present is not null)
        {
            throw EngineException.Input($"/{name}", $"This model does not read '{name}': it reads {Reads}.");
        }
    }
}
