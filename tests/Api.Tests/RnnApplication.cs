using System.Net;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Rnn.Engine;

namespace Rnn.Api.Tests;

/// <summary>The real host with the bundled models, in memory or on a socket, and a clock that tests move.</summary>
public sealed class RnnApplication : WebApplicationFactory<Program>
{
    public RnnApplication() => ClientOptions.AllowAutoRedirect = false;

    /// <summary>Settings of the host, such as <c>Sessions:Capacity</c>.</summary>
    public Dictionary<string, string> Settings { get; } = [];

    /// <summary>Changes what Kestrel bears with, as far as no setting does.</summary>
    public Action<KestrelServerLimits>? KestrelLimits { get; init; }

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.UtcNow);

    public InferenceEngine Engine => Services.GetRequiredService<InferenceEngine>();

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    /// <summary>A client of the host on a real socket, with the limits that only a real server enforces.</summary>
    /// <param name="address">Where it listens; null for this machine alone.</param>
    public HttpClient StartOnSocket(IPAddress? address = null)
    {
        // Not UseKestrel(0): that sets the address while the server may be starting.
        UseKestrel(kestrel => kestrel.Listen(address ?? IPAddress.Loopback, 0));
        StartServer();
        var client = CreateClient();
        client.BaseAddress = new UriBuilder(client.BaseAddress!) { Host = IPAddress.Loopback.ToString() }.Uri;
        return client;
    }

    /// <summary>A client that closes its connection when it leaves an answer, where <see cref="HttpClient"/> would by default read on for a while.</summary>
    /// <param name="client">One on a real socket, to the same host.</param>
    public static HttpClient Leaving(HttpClient client) =>
        new HttpClient(new SocketsHttpHandler { MaxResponseDrainSize = 0 }) { BaseAddress = client.BaseAddress };

    /// <summary>A channel for clients of gRPC to the host in memory.</summary>
    public GrpcChannel OpenChannel(GrpcChannelOptions? options = null)
    {
        options ??= new();
        options.HttpHandler = Server.CreateHandler();
        return GrpcChannel.ForAddress(Server.BaseAddress, options);
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseSetting("Serilog:MinimumLevel:Default", "Error");
        builder.UseSetting("Access:RequestsPerSecond", "0");       // a timer of its middleware runs on for ever and would keep the host: gigabytes of hosts that have ended
        foreach (var (key, value) in Settings)
        {
            builder.UseSetting(key, value);
        }

        builder.ConfigureTestServices(services => services
            .AddSingleton<TimeProvider>(Time)
            .PostConfigure<KestrelServerOptions>(kestrel => KestrelLimits?.Invoke(kestrel.Limits)));
    }

    /// <summary>Sends JSON, expects <paramref name="status"/>, and gives the reply's JSON.</summary>
    public static async Task<JsonNode> SendAsync(
        HttpClient client, string method, string path, string? body = null, HttpStatusCode status = HttpStatusCode.OK)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        using var response = await client.SendAsync(request, Aborted);
        var text = await response.Content.ReadAsStringAsync(Aborted);
        Assert.True(status == response.StatusCode, $"{method} {path}: {(int)response.StatusCode}, not {(int)status}: {text}");
        if ((int)status >= 400)
        {
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        }

        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
    }

    public static Task<JsonNode> GetAsync(HttpClient client, string path, HttpStatusCode status = HttpStatusCode.OK) =>
        SendAsync(client, "GET", path, status: status);

    public static Task<JsonNode> PostAsync(HttpClient client, string path, object body, HttpStatusCode status = HttpStatusCode.OK) =>
        SendAsync(client, "POST", path, body as string ?? JsonSerializer.Serialize(body, JsonSerializerOptions.Web), status);

    /// <summary>The events of a stream.</summary>
    public static async Task<List<JsonNode>> StreamAsync(HttpClient client, string path, object body)
    {
        using var content = new StringContent(body as string ?? JsonSerializer.Serialize(body, JsonSerializerOptions.Web), Encoding.UTF8, "application/json");
        using var response = await client.PostAsync(new Uri(path, UriKind.Relative), content, Aborted);
        await using var stream = await response.Content.ReadAsStreamAsync(Aborted);
        return await SseParser.Create(stream).EnumerateAsync(Aborted).Select(item => JsonNode.Parse(item.Data)!).ToListAsync(Aborted);
    }

    /// <summary>A session under a fresh ID.</summary>
    public static async Task<string> NewSessionAsync(HttpClient client, string model) =>
        (string)(await PostAsync(client, "/api/v1/sessions", new { model }, HttpStatusCode.Created))["id"]!;
}
