using Rnn.Engine.Callers;

namespace Rnn.Engine.Sessions;

/// <summary>Which sessions a page lists.</summary>
/// <param name="After">The last ID of the page before; null for the first page.</param>
/// <param name="Limit">Most sessions of the page.</param>
/// <param name="Model">Only those of this model; null for all.</param>
/// <param name="Tag">Only those with this tag; null for all.</param>
public sealed record SessionQuery(string? After, int Limit, string? Model = null, string? Tag = null)
{
    /// <summary>Who asks: none but his sessions are listed, and of those none on a model that he does not see.</summary>
    public Caller Caller { get; init; } = Caller.Anyone;

    /// <summary>The key after which the page begins; no session has it if it is the first.</summary>
    public string AfterKey => SessionKey.Prefix(Caller.Owner) + After;

    /// <summary>The key before which all pages end; null if there is no such end.</summary>
    public string? EndKey => SessionKey.End(Caller.Owner);

    /// <summary>Whether a session belongs into the list, wherever its page is.</summary>
    public bool Matches(SessionRecord session) =>
        session.Owner == Caller.Owner && Caller.Sees(session.Model)
        && (Model is null || session.Model == Model) && (Tag is null || session.Tags.Contains(Tag));
}
