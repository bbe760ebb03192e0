namespace Rnn.Engine.Sessions;

/// <summary>Which sessions a page lists.</summary>
/// <param name="After">The last ID of the page before; null for the first page.</param>
/// <param name="Limit">Most sessions of the page.</param>
/// <param name="Model">Only those of this model; null for all.</param>
/// <param name="Tag">Only those with this tag; null for all.</param>
public sealed record SessionQuery(string? After, int Limit, string? Model = null, string? Tag = null)
{
    /// <summary>Whether a session belongs into the list, wherever its page is.</summary>
    public bool Matches(SessionRecord session) =>
        (Model is null || session.Model == Model) && (Tag is null || session.Tags.Contains(Tag));
}
