using System.Text.RegularExpressions;

namespace Rnn.Api.Tests;

/// <summary>Every request of <c>docs/http</c> succeeds, in the order of its file, and every operation of the API stands there.</summary>
public sealed partial class HttpFileTests : IClassFixture<RnnApplication>
{
    readonly RnnApplication _application;

    public HttpFileTests(RnnApplication application)
    {
        application.Settings["Models:Control"] = "Explicit";                   // for the calls that load and unload
        application.Settings["Models:Labels:names:stable"] = "1";
        _application = application;
    }

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    public static TheoryData<string> Files => [.. HttpFile.Names];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Every_request_succeeds(string file)
    {
        using var client = _application.CreateClient();
        foreach (var (name, request) in HttpFile.RequestsOf(file, client.BaseAddress!))
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
        var shown = Files.SelectMany(file => HttpFile.RequestsOf(file.Data, client.BaseAddress!))
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

    [GeneratedRegex(@"\\\{[^/]+?}")]
    private static partial Regex Parameter();
}
