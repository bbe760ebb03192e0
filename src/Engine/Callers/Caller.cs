namespace Rnn.Engine.Callers;

/// <summary>On whose behalf the engine works: whose sessions there are for this call, and which models.</summary>
/// <param name="Owner">To whom the sessions belong, of the characters of a session's ID; null if nobody is told apart.</param>
/// <param name="Models">The names of the models that there are; null for all.</param>
public sealed record Caller(string? Owner, IReadOnlyCollection<string>? Models)
{
    /// <summary>Who is not told apart from others, and may use every model.</summary>
    public static Caller Anyone { get; } = new(null, null);

    /// <summary>Whether a model is there for this caller.</summary>
    public bool Sees(string model) => Models?.Contains(model) != false;
}

/// <summary>Tells on whose behalf the present call is. The host knows; the engine asks, at each call that it is given.</summary>
public delegate Caller CurrentCaller();
