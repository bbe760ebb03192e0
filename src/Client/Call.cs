using System.Net.Http.Json;
using System.Net.Mime;
using System.Text.Json.Serialization.Metadata;

namespace Rnn.Client;

/// <summary>What to send.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">Relative to the server's address.</param>
sealed record Call(HttpMethod Method, string Path)
{
    /// <summary>Makes the body, anew for each time that the call is sent; null for none.</summary>
    public Func<HttpContent>? Content { get; init; }

    /// <summary>What makes it unique, and where the session must be; null if it changes no session.</summary>
    public CallOptions? Options { get; init; }

    /// <summary>Whether it may be sent again: it changes nothing, or the server knows it by its key.</summary>
    public bool MayRepeat { get; init; } = true;

    /// <summary>The media type of the reply.</summary>
    public string Accept { get; init; } = MediaTypeNames.Application.Json;

    public static Call Get(string path) => new(HttpMethod.Get, path);

    public static Call Post<T>(string path, T body, JsonTypeInfo<T> type) =>
        new(HttpMethod.Post, path) { Content = () => JsonContent.Create(body, type) };
}
