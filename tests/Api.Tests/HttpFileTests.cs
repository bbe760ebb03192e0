using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Rnn.Api.Tests;

/// <summary>Every request of <c>docs/http</c> succeeds, in the order of its file, and every operation of the API stands there.</summary>
public sealed partial class HttpFileTests : IClassFixture<RnnApplication>
{
    readonly RnnApplication _application;

    public HttpFileTests(RnnApplication application)
    {
        application.Settings["Models:Control"] = "Explicit";                   // for the calls that load and unload
        _application = application;
    }

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    static string Folder => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "../../docs/http"));

    public static TheoryData<string> Files => [.. Directory.EnumerateFiles(Folder, "*.http").Select(file => Path.GetFileName(file)).Order()];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Every_request_succeeds(string file)
    {
        using var client = _application.CreateClient();
        foreach (var (name, request) in RequestsOf(file, client.BaseAddress!))
        {
            using (request)
            {
                using var response = await client.SendAsync(request, Aborted);
                Assert.True(
                    response.IsSuccessStatusCode, $"{file}, {name}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(Aborted)}");
            }
        }
    }

    [Fact]
    public async Task Every_operation_is_shown()
    {
        using var client = _application.CreateClient();
        var document = await RnnApplication.GetAsync(client, "/openapi/v1.json");
        var shown = Files.SelectMany(file => RequestsOf(file.Data, client.BaseAddress!))
            .Select(item => $"{item.Request.Method} {item.Request.RequestUri!.AbsolutePath}")
            .ToList();

        foreach (var (path, operations) in document["paths"]!.AsObject())
        {
            var pattern = $"{Parameter().Replace(Regex.Escape(path), "[^/]+")}$";
            foreach (var method in operations!.AsObject()
                .Where(operation => operation.Value!["responses"]!["101"] is null)            // a socket is no request that ends
                .Select(operation => operation.Key.ToUpperInvariant()))
            {
                Assert.True(shown.Exists(line => Regex.IsMatch(line, $"^{method} {pattern}")), $"No .http file shows {method} {path}.");
            }
        }
    }

    static IEnumerable<(string Name, HttpRequestMessage Request)> RequestsOf(string file, Uri server)
    {
        var parts = File.ReadAllText(Path.Combine(Folder, file)).Split("###");
        var variables = Variable().Matches(parts[0]).ToDictionary(match => match.Groups["name"].Value, match => match.Groups["value"].Value);
        variables["server"] = server.GetLeftPart(UriPartial.Authority);
        foreach (var part in parts.Skip(1))
        {
            var text = part;
            while (Reference().IsMatch(text))
            {
                text = Reference().Replace(text, match => variables[match.Groups["name"].Value]);
            }

            var (name, head, body) = Parts(text);
            var line = head[0].Split(' ', 2);
            var request = new HttpRequestMessage(new HttpMethod(line[0]), line[1]);
            if (body.Length > 0)
            {
                request.Content = new StringContent(body);
                request.Content.Headers.ContentType = null;
            }

            foreach (var header in head.Skip(1).Select(header => header.Split(": ", 2)))
            {
                if (header[0] == "Content-Type")
                {
                    request.Content!.Headers.ContentType = MediaTypeHeaderValue.Parse(header[1]);
                }
                else
                {
                    request.Headers.TryAddWithoutValidation(header[0], header[1]);
                }
            }

            yield return (name, request);
        }
    }

    static (string Name, string[] Head, string Body) Parts(string text)
    {
        var lines = text.Split('\n');
        var blank = Array.FindIndex(lines, 1, string.IsNullOrWhiteSpace);
        var body = string.Join('\n', lines.Skip(blank + 1)).Trim();
        return (
            lines[0].Trim(),
            lines[1..blank],
            body.StartsWith("< ", StringComparison.Ordinal) ? File.ReadAllText(Path.Combine(Folder, body[2..])) : body);
    }

    static string Here([CallerFilePath] string path = "") => path;

    [GeneratedRegex(@"^@(?<name>\w+) = (?<value>.*)$", RegexOptions.Multiline)]
    private static partial Regex Variable();

    [GeneratedRegex(@"\{\{(?<name>\w+)\}\}")]
    private static partial Regex Reference();

    [GeneratedRegex(@"\\\{[^/]+?}")]
    private static partial Regex Parameter();
}
