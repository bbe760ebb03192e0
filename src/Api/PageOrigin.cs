namespace Rnn.Api;

/// <summary>Whether the page that a request comes from may make it.</summary>
static class PageOrigin
{
    /// <summary>
    /// A browser lets any page open a socket anywhere, or send to a name that the page's owner points at this machine, and leaves it
    /// to the server to ask where the page is from.
    /// </summary>
    public static bool MayCall(HttpRequest request, ServerOptions server) => request.Headers.Origin.ToString() switch
    {
        "" => true,
        var origin when Uri.TryCreate(origin, UriKind.Absolute, out var page)
            && string.Equals(page.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase) => true,
        var origin => server.SocketOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase),
    };
}
