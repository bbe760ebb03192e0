namespace Rnn.Api.Rest;

/// <summary>Where a session is, as the ETag of a reply.</summary>
static class SessionTag
{
    public static void SetTag(this HttpResponse response, string tag) => response.Headers.ETag = $"\"{tag}\"";
}
