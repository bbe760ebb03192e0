using System.Net;
using System.Text.RegularExpressions;
using Grpc.Core;
using Grpc.Net.Client;
using Rnn.Api.Security;
using Rnn.Api.Tests.Faults;
using Rnn.Api.Tests.OpenInference.Grpc;
using Rnn.Api.Tests.OpenInference.Grpc.Stock;
using Rnn.Api.Tests.Storage;

namespace Rnn.Api.Tests.Security;

/// <summary>With a port of its own management is there and nowhere else. A real server, as the port is that of a real connection.</summary>
public sealed partial class ManagementPortTests(ManagementPortTests.ManagedServer server) : IClassFixture<ManagementPortTests.ManagedServer>, IDisposable
{
    readonly HttpClient _client = new();

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_route_is_on_its_port_and_on_the_other_as_one_that_never_was()
    {
        using var application = new RnnApplication { Settings = { ["Models:Control"] = "Explicit" } };
        var routes = await Route.AllAsync(application);
        foreach (var route in routes)
        {
            var isManagement = route.Scope is Scopes.Manage or Scopes.Metrics;

            Assert.Equal((route, route.IsOpen || !isManagement), (route, await IsThereAsync(server.Clients, route)));
            Assert.Equal((route, route.IsOpen || isManagement), (route, await IsThereAsync(server.Management, route)));
        }

        Assert.Equal(
            [
                "/api/v1/models/{model}/load", "/api/v1/models/{model}/unload", "/api/v1/repository", "/inference.GRPCInferenceService/RepositoryModelLoad",
                "/inference.GRPCInferenceService/RepositoryModelUnload", "/metrics", "/v2/repository/models/{model}/load", "/v2/repository/models/{model}/unload",
            ],
            routes.Where(route => route.Scope is Scopes.Manage or Scopes.Metrics).Select(route => route.Pattern).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("GET", "/metrics")]
    [InlineData("GET", "/api/v1/models/names/unload")]       // nor is it told that POST would do
    [InlineData("POST", "/api/v1/models/names/unload")]
    public async Task Who_claims_to_call_the_other_port_is_on_his_own(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(server.Clients, path)) { Headers = { Host = server.Management.Authority } };
        using var response = await _client.SendAsync(request, Aborted);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task Models_are_unloaded_there_and_not_by_gRPC()
    {
        using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{server.GrpcPort}");
        var client = new GRPCInferenceService.GRPCInferenceServiceClient(channel);
        var refused = await Assert.ThrowsAsync<RpcException>(async () =>
            await client.RepositoryModelUnloadAsync(new RepositoryModelUnloadRequest { ModelName = "monitor" }, cancellationToken: Aborted));

        Assert.Equal(StatusCode.Unimplemented, refused.StatusCode);
        var reply = await client.ModelInferAsync(Infer.Monitor(70, 71), cancellationToken: Aborted);
        Assert.Equal([1, 2, 1], reply.ShapeOf("output"));
        using var unload = await _client.PostAsync(new Uri(server.Management, "/api/v1/models/monitor/unload"), null, Aborted);
        Assert.Equal(HttpStatusCode.OK, unload.StatusCode);
        Assert.Equal(
            StatusCode.NotFound,
            (await Assert.ThrowsAsync<RpcException>(async () => await client.ModelInferAsync(Infer.Monitor(70, 71), cancellationToken: Aborted))).StatusCode);
    }

    public void Dispose() => _client.Dispose();

    /// <summary>Whether the answer is another than that of a path beside the route's, where there never was anything.</summary>
    async Task<bool> IsThereAsync(Uri port, Route route)
    {
        using var request = route.Request();
        using var never = route.Request();
        never.RequestUri = new($"{never.RequestUri}/never", UriKind.Relative);
        return await AnswerAsync(port, request) != await AnswerAsync(port, never);
    }

    async Task<string> AnswerAsync(Uri port, HttpRequestMessage request)
    {
        request.RequestUri = new(port, request.RequestUri!);
        using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Aborted);
        return Varying().Replace($"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync(Aborted)}".Replace("/never", "", StringComparison.Ordinal), "");
    }

    [GeneratedRegex("\"traceId\":\"[^\"]*\"")]
    private static partial Regex Varying();

    /// <summary>The server, with ports for clients, for those of gRPC, and for management.</summary>
    public sealed class ManagedServer : IAsyncLifetime
    {
        readonly int _managementPort = Loopback.FreePort();
        ServerProcess? _process;

        public int GrpcPort { get; } = Loopback.FreePort();

        public Uri Clients => _process!.Address;

        public Uri Management => new($"http://127.0.0.1:{_managementPort}");

        public async ValueTask InitializeAsync() => _process = await ServerProcess.StartNewAsync(
            Path.Combine(AppContext.BaseDirectory, "models"), $"Server:ManagementPort={_managementPort}", $"Server:GrpcPort={GrpcPort}", "Models:Control=Explicit");

        public async ValueTask DisposeAsync() => await (_process?.DisposeAsync() ?? default);
    }
}
