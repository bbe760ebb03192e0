using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using static Rnn.Api.Tests.RnnApplication;

namespace Rnn.Api.Tests;

public sealed class OpenApiTests(RnnApplication application) : IClassFixture<RnnApplication>
{
    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    readonly HttpClient _client = application.CreateClient();

    [Fact]
    public async Task The_document_is_the_one_in_the_repository()
    {
        var actual = (await DocumentAsync()).ToJsonString(Indented) + "\n";
        if (Environment.GetEnvironmentVariable("RNN_WRITE_SNAPSHOTS") == "1")
        {
            await File.WriteAllTextAsync(SnapshotPath(), actual, TestContext.Current.CancellationToken);
        }

        Assert.True(
            await File.ReadAllTextAsync(SnapshotPath(), TestContext.Current.CancellationToken) == actual,
            "docs/openapi.json is out of date: run the tests once with RNN_WRITE_SNAPSHOTS=1, and read what changed.");
    }

    [Fact]
    public async Task Every_operation_is_summarised_described_and_named()
    {
        foreach (var (path, method, operation) in await OperationsAsync())
        {
            foreach (var property in new[] { "summary", "description", "operationId" })
            {
                Assert.False(string.IsNullOrWhiteSpace((string?)operation[property]), $"{method} {path} has no {property}");
            }
        }
    }

    [Fact]
    public async Task Every_example_works_as_it_stands_in_the_order_of_the_page()
    {
        using var fresh = new RnnApplication { Settings = { ["Models:Control"] = "Explicit", ["Models:Labels:austen:stable"] = "1", ["Models:Labels:names:stable"] = "1" } };
        using var client = fresh.CreateClient();
        foreach (var (path, method, operation) in await OperationsAsync())
        {
            if (operation["responses"]!["101"] is not null)
            {
                continue;                                  // a WebSocket; SocketTests speak over it
            }

            var body = operation["requestBody"]?["content"]!["application/json"]!;
            var names = body?["examples"]?.AsObject().Select(example => (string?)example.Key).ToList() ?? [null];
            foreach (var name in names)
            {
                var url = (operation["parameters"]?.AsArray() ?? [])
                    .Where(parameter => (string)parameter!["in"]! == "path")
                    .Aggregate(path, (url, parameter) => url.Replace($"{{{parameter!["name"]}}}", ExampleOf(parameter, name).ToString(), StringComparison.Ordinal));
                using var request = new HttpRequestMessage(new HttpMethod(method), url);
                if (body is not null)
                {
                    request.Content = new StringContent(ExampleOf(body, name).ToJsonString(), Encoding.UTF8, "application/json");
                }

                using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
                Assert.True(response.IsSuccessStatusCode, $"{method} {url}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}");
            }
        }

        static JsonNode ExampleOf(JsonNode of, string? name) => name is null ? of["example"]! : of["examples"]![name]!["value"]!;
    }

    [Fact]
    public async Task Swagger_UI_is_served_and_the_root_leads_to_it()
    {
        var root = await _client.GetStringAsync(new Uri("/", UriKind.Relative), TestContext.Current.CancellationToken);
        using var page = await _client.GetAsync(new Uri("/swagger/index.html", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Contains("href=\"swagger\"", root, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
    }

    async Task<JsonNode> DocumentAsync() => await GetAsync(_client, "/openapi/v1.json");

    /// <summary>The operations in the order in which Swagger UI shows them: by tag, then as they stand.</summary>
    async Task<List<(string Path, string Method, JsonNode Operation)>> OperationsAsync()
    {
        var document = await DocumentAsync();
        var tags = document["tags"]!.AsArray().Select(tag => (string)tag!["name"]!).ToList();
        return
        [
            .. from path in document["paths"]!.AsObject()
               from method in path.Value!.AsObject()
               orderby tags.IndexOf((string)method.Value!["tags"]![0]!)
               select (path.Key, method.Key.ToUpperInvariant(), method.Value!),
        ];
    }

    static string SnapshotPath([CallerFilePath] string path = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "../../docs/openapi.json"));
}
