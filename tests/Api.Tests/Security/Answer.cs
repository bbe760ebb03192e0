using System.Text.RegularExpressions;

namespace Rnn.Api.Tests.Security;

/// <summary>All of an answer that a client sees, but for the ID of its trace.</summary>
static partial class Answer
{
    /// <param name="client">Who asks.</param>
    /// <param name="request">What.</param>
    /// <param name="name">A name in the request, which may differ.</param>
    public static async Task<string> ToAsync(HttpClient client, HttpRequestMessage request, string name)
    {
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var headers = string.Join('\n', response.Headers.Concat(response.Content.Headers).Where(header => !header.Key.Equals("x-request-id", StringComparison.OrdinalIgnoreCase)).Select(header => $"{header.Key}: {string.Join(',', header.Value)}").Order(StringComparer.Ordinal));
        return TraceId().Replace($"{(int)response.StatusCode}\n{headers}\n\n{body}", "").Replace(name, "NAME", StringComparison.Ordinal);
    }

    [GeneratedRegex("\"traceId\":\"[^\"]*\"")]
    private static partial Regex TraceId();
}
