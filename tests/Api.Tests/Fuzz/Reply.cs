using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Rnn.Api.Tests.Fuzz;

/// <summary>What a request was answered.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="MediaType">The media type of the body, without its parameters; null if none is told.</param>
/// <param name="Body">The body, to its end.</param>
sealed record Reply(int Status, string? MediaType, byte[] Body)
{
    public static async Task<Reply> ReadAsync(HttpResponse response, CancellationToken aborted)
    {
        using var body = new MemoryStream();
        await response.Body.CopyToAsync(body, aborted);
        return new(response.StatusCode, MediaTypeHeaderValue.TryParse(response.ContentType, out var type) ? type.MediaType.Value : null, body.ToArray());
    }
}
