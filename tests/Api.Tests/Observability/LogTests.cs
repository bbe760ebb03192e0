using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;
using Rnn.Api.Observability;
using Rnn.Api.Tests.Faults;
using Rnn.Api.Tests.OpenInference.Grpc.Stock;
using Rnn.Api.Tests.Storage;
using Serilog.Events;
using Serilog.Formatting.Compact;
using Serilog.Parsing;
using Serilog.Templates;
using static Rnn.Api.Tests.RnnApplication;

namespace Rnn.Api.Tests.Observability;

public sealed class LogTests : IDisposable
{
    const string Hostile = "a\r\n[09:00:00 INF] user admin logged in\u001b[2J\u2028\u2029\u0085\t\"";

    readonly CountingModel _models = new();

    public void Dispose() => _models.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_event_is_one_line_whatever_is_in_it(bool isJson)
    {
        var text = Write(isJson, Hostile, exception: null);

        Assert.EndsWith(Environment.NewLine, text, StringComparison.Ordinal);
        Assert.DoesNotContain(text[..^Environment.NewLine.Length], c => char.IsControl(c) || c is '\u2028' or '\u2029');
        if (isJson)
        {
            Assert.Equal(Hostile, (string)JsonNode.Parse(text)!["Value"]!);
        }
    }

    [Fact]
    public void No_line_of_an_exception_can_pass_for_an_event()
    {
        var lines = Write(isJson: false, "a", new InvalidOperationException(Hostile)).TrimEnd().Split(Environment.NewLine);

        Assert.True(lines.Length > 1);
        Assert.All(lines[1..], line => Assert.StartsWith("    ", line, StringComparison.Ordinal));
        Assert.All(lines, line => Assert.DoesNotContain(line, c => char.IsControl(c) || c is '\u2028' or '\u2029'));
    }

    [Theory]
    [InlineData("false")]
    [InlineData("true")]
    public async Task A_client_writes_no_line_of_the_log_and_reads_none_of_another_s_secrets_there(string json)
    {
        const string Canary = "c4n4ry";
        await using var server = await ServerProcess.StartNewAsync(
            _models.Path, $"Logging:Json={json}", "Serilog:MinimumLevel:Default=Debug", "Serilog:MinimumLevel:Override:Microsoft=Information");
        using var client = new HttpClient { BaseAddress = server.Address };
        var escaped = Uri.EscapeDataString(Hostile);
        await SendAsync(client, "DELETE", $"/api/v1/sessions/{escaped}", status: HttpStatusCode.BadRequest);
        await PostAsync(client, $"/api/v1/models/{escaped}/step", new { text = Canary }, HttpStatusCode.NotFound);
        await PostAsync(client, "/api/v1/sessions", new { model = Hostile, id = Hostile }, HttpStatusCode.NotFound);
        await PostAsync(client, $"/api/v1/models/counting/step?key={Canary}", new { values = new[] { Canary } }, HttpStatusCode.BadRequest);
        await RawAsync(server.Address, $"GET /{escaped}?{Canary} HTTP/1.1\r\nHost: x\r\nX-Api-Key: {Canary}\u001b[2J\u0085\r\nAuthorization: Bearer {Canary}\r\nConnection: close\r\n\r\n");
        var created = await PostAsync(client, "/api/v1/sessions", new { model = CountingModel.Counting }, HttpStatusCode.Created);
        await SendAsync(client, "DELETE", $"/api/v1/sessions/{created["id"]}", status: HttpStatusCode.NoContent);
        await server.StopAsync();

        var lines = server.Log.Split('\n');
        Assert.Contains(lines, line => line.Contains("session.delete", StringComparison.Ordinal));
        Assert.DoesNotContain(Canary, server.Log, StringComparison.Ordinal);
        Assert.All(lines, line =>
        {
            Assert.DoesNotContain(line, c => char.IsControl(c) || c is '\u2028' or '\u2029');
            if (json == "true")
            {
                Assert.NotNull(JsonNode.Parse(line)!["@t"]);
            }
            else
            {
                Assert.DoesNotMatch("^.[0-9:]{8} INF. user admin", line);
            }
        });
    }

    [Fact]
    public async Task What_was_managed_is_in_the_audit_log_with_its_outcome_and_trace_and_a_prediction_is_not()
    {
        await using var server = await ServerProcess.StartNewAsync(_models.Path, "Logging:Json=true", "Serilog:MinimumLevel:Default=Information");
        using var client = new HttpClient { BaseAddress = server.Address };
        await PostAsync(client, "/api/v1/sessions", new { model = CountingModel.Counting, id = "pump" }, HttpStatusCode.Created);
        await PostAsync(client, "/api/v1/sessions/pump/step", new { values = new[] { 1 } });
        await SendAsync(client, "PUT", "/api/v1/sessions/pump/state", "{}", HttpStatusCode.BadRequest);
        await PostAsync(client, "/api/v1/sessions/pump/move", new { version = 1 });
        await SendAsync(client, "DELETE", "/api/v1/sessions/pump", status: HttpStatusCode.NoContent);
        await SendAsync(client, "DELETE", "/api/v1/sessions/pump", status: HttpStatusCode.Gone);
        await server.StopAsync();

        var audited = server.Log.Split('\n').Where(line => line.StartsWith('{')).Select(line => JsonNode.Parse(line)!)
            .Where(line => (string?)line["SourceContext"] == "Audit").ToList();
        Assert.Equal(
            ["state.put refused 400", "session.move done 200", "session.delete done 204", "session.delete refused 410"],
            audited.Select(line => $"{line["Action"]} {line["Outcome"]} {line["Status"]}"));
        Assert.All(audited, line =>
        {
            Assert.Equal(("anonymous", "127.0.0.1", "pump"), ((string?)line["Who"], (string?)line["Address"], (string?)line["Target"]));
            Assert.Equal((1100, "Managed"), ((int)line["EventId"]!["Id"]!, (string?)line["EventId"]!["Name"]));
            Assert.Equal(32, ((string?)line["@tr"])!.Length);
        });
    }

    [Fact]
    public async Task A_call_of_gRPC_is_logged_with_the_status_it_ended_with_and_audited_as_one_of_REST()
    {
        var port = Loopback.FreePort();
        await using var server = await ServerProcess.StartNewAsync(
            _models.Path, "Logging:Json=true", "Serilog:MinimumLevel:Default=Information", "Models:Control=Explicit", $"Server:GrpcPort={port}");
        using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{port}");
        var client = new GRPCInferenceService.GRPCInferenceServiceClient(channel);
        await client.RepositoryModelUnloadAsync(new() { ModelName = CountingModel.Counting }, cancellationToken: TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<RpcException>(async () =>
            await client.RepositoryModelLoadAsync(new() { ModelName = "nobody" }, cancellationToken: TestContext.Current.CancellationToken));
        await server.StopAsync();

        var lines = server.Log.Split('\n').Where(line => line.StartsWith('{')).Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal(
            ["model.unload of counting done OK", "model.load of nobody refused NotFound"],
            lines.Where(line => (string?)line["SourceContext"] == "Audit").Select(line => $"{line["Action"]} of {line["Target"]} {line["Outcome"]} {line["Status"]}"));
        Assert.Equal(["OK", "NotFound"], lines.Select(line => (string?)line["GrpcStatus"]).OfType<string>());
    }

    [Fact]
    public void Every_event_has_a_number_and_a_name_and_stands_in_the_docs()
    {
        var documented = File.ReadAllText(DocsPath());
        var events = typeof(Program).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public))
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>()).OfType<LoggerMessageAttribute>().ToList();

        Assert.NotEmpty(events);
        Assert.Equal(events.Count, events.DistinctBy(logged => logged.EventId).Count());
        Assert.All(events, logged =>
        {
            Assert.InRange(logged.EventId, 1_000, 9_999);
            Assert.Contains($"| {logged.EventId} | {logged.EventName} | {logged.Level} |", documented, StringComparison.Ordinal);
        });
    }

    static string Write(bool isJson, string value, Exception? exception)
    {
        var template = new MessageTemplateParser().Parse("{Value} and {Other}");
        var logged = new LogEvent(
            DateTimeOffset.UnixEpoch, LogEventLevel.Error, exception, template,
            [new("Value", new ScalarValue(value)), new("Other", new ScalarValue(1))]);
        var formatter = isJson ? new OneLine(new RenderedCompactJsonFormatter()) : new OneLine(new ExpressionTemplate("{@m}"), showsException: true);
        using var output = new StringWriter();
        formatter.Format(logged, output);
        return output.ToString();
    }

    /// <summary>What no client library would send.</summary>
    static async Task RawAsync(Uri address, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, address.Port, TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(request), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(client.GetStream());
        await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    static string DocsPath([CallerFilePath] string path = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "../../../docs/observability.md"));
}
