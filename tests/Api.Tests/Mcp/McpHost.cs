using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Rnn.Api.Tests.Mcp;

/// <summary>The official client of the Model Context Protocol, on a host that serves it.</summary>
public sealed class McpHost : IAsyncLifetime
{
    public RnnApplication Application { get; } = new() { Settings = { ["Mcp:Enabled"] = "true" } };

    public HttpClient Http { get; private set; } = null!;

    public McpClient Client { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Http = Application.CreateClient();
        Client = await ConnectAsync(Http);
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await Application.DisposeAsync();
    }

    public static Task<McpClient> ConnectAsync(HttpClient http)
    {
        var transport = new HttpClientTransport(
            new() { Endpoint = new Uri(http.BaseAddress!, "mcp"), TransportMode = HttpTransportMode.StreamableHttp }, http, ownsHttpClient: false);
        return McpClient.CreateAsync(transport, cancellationToken: TestContext.Current.CancellationToken);
    }

    /// <summary>Calls a tool, expects that it worked, and gives what it told.</summary>
    public static async Task<JsonNode> CallAsync(McpClient client, string tool, string arguments)
    {
        var result = await ResultAsync(client, tool, arguments);
        Assert.False(result.IsError ?? false, TextOf(result));
        var told = JsonNode.Parse(result.StructuredContent!.Value.GetRawText())!;
        Assert.True(JsonNode.DeepEquals(told, JsonNode.Parse(TextOf(result))));
        return told;
    }

    /// <summary>Calls a tool, expects that it could not, and gives the problem.</summary>
    public static async Task<JsonNode> ProblemAsync(McpClient client, string tool, string arguments)
    {
        var result = await ResultAsync(client, tool, arguments);
        Assert.True(result.IsError, TextOf(result));
        Assert.Null(result.StructuredContent);
        return JsonNode.Parse(TextOf(result))!;
    }

    static async Task<CallToolResult> ResultAsync(McpClient client, string tool, string arguments) => await client.CallToolAsync(
        new CallToolRequestParams { Name = tool, Arguments = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(arguments) },
        TestContext.Current.CancellationToken);

    static string TextOf(CallToolResult result) => Assert.IsType<TextContentBlock>(Assert.Single(result.Content)).Text;
}
