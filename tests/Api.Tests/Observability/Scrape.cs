using System.Globalization;
using System.Net.Http.Headers;

namespace Rnn.Api.Tests.Observability;

/// <summary>What /metrics said: each series with its value.</summary>
sealed class Scrape
{
    Scrape(string text, string? contentType)
    {
        (Text, ContentType) = (text, contentType);
        Series = text.Split('\n').Where(line => line.Length > 0 && line[0] != '#').ToDictionary(
            line => line[..line.LastIndexOf(' ')],
            line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture),
            StringComparer.Ordinal);
    }

    public string Text { get; }

    public string? ContentType { get; }

    public IReadOnlyDictionary<string, double> Series { get; }

    /// <summary>The kind of each family.</summary>
    public IReadOnlyDictionary<string, string> Types => Text.Split('\n')
        .Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(line => line.Split(' '))
        .ToDictionary(words => words[2], words => words[3], StringComparer.Ordinal);

    public static async Task<Scrape> OfAsync(HttpClient client, string accept = "text/plain")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse(accept));
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        response.EnsureSuccessStatusCode();
        return new(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), response.Content.Headers.ContentType?.ToString());
    }

    /// <summary>Asks until a series has come to a value: an answer may be a moment old.</summary>
    public static async Task<Scrape> UntilAsync(HttpClient client, Func<Scrape, bool> isThere)
    {
        while (true)
        {
            var scrape = await OfAsync(client);
            if (isThere(scrape))
            {
                return scrape;
            }
        }
    }

    /// <summary>The sum over a family's series whose labels hold a text.</summary>
    public double Sum(string family, string label) => Series
        .Where(series => series.Key.StartsWith($"{family}{{", StringComparison.Ordinal) && series.Key.Contains(label, StringComparison.Ordinal))
        .Sum(series => series.Value);
}
