using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Rnn.Api.Tests.Faults;
using static Rnn.Api.Tests.RnnApplication;

namespace Rnn.Api.Tests.Observability;

/// <summary>The dashboard, the alerts and the configuration in deploy/, held against a real Prometheus and a real server.</summary>
public sealed partial class PrometheusTests
{
    [Fact]
    public async Task The_configuration_and_the_alerts_are_valid()
    {
        await PrometheusServer.CheckAsync("check", "config", InDeploy("prometheus/prometheus.yml"));
        await PrometheusServer.CheckAsync("check", "config", InDeploy("prometheus/compose.yml"));
        await PrometheusServer.CheckAsync("check", "rules", InDeploy("prometheus/alerts.yml"));
    }

    [Fact]
    public Task The_alerts_fire_when_they_should() => PrometheusServer.CheckAsync("test", "rules", InDeploy("prometheus/alerts.test.yml"));

    [Fact]
    public void Every_alert_has_a_test()
    {
        var tested = File.ReadAllText(InDeploy("prometheus/alerts.test.yml"));

        Assert.All(AlertNames().Matches(File.ReadAllText(InDeploy("prometheus/alerts.yml"))), name =>
            Assert.Contains($"alertname: {name.Groups[1].Value}\n", tested, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_metric_of_the_dashboard_and_the_alerts_is_there()
    {
        PrometheusServer.Require();
        using var file = new SqliteFile();
        await using var server = await ServerProcess.StartNewAsync(
            Path.Combine(AppContext.BaseDirectory, "models"), [.. file.Settings, "Sessions:Capacity=1"]);
        using var client = new HttpClient { BaseAddress = server.Address };
        await TrafficAsync(client);
        await using var prometheus = PrometheusServer.Start(server.Address);

        var expressions = Expressions();
        var wanted = expressions.SelectMany(expression => Metrics().Matches(Grouping().Replace(expression, ""))).Select(match => match.Value).ToHashSet();
        var names = await prometheus.NamesAsync(wanted);

        Assert.True(expressions.Count > 20);
        Assert.Empty(wanted.Except(names).Order());
        foreach (var expression in expressions)
        {
            await prometheus.QueryAsync(expression);
        }

        var tokens = Assert.Single(await prometheus.QueryAsync("rnn_tokens_total"));
        Assert.Equal(("austen", "1", "16"), ((string)tokens!["metric"]!["model"]!, (string)tokens["metric"]!["version"]!, (string)tokens["value"]![1]!));
    }

    /// <summary>Something of each kind.</summary>
    static async Task TrafficAsync(HttpClient client)
    {
        await PostAsync(client, "/api/v1/models/austen/generate", new { text = "Emma", maxLength = 16, seed = 1 });
        await PostAsync(client, "/api/v1/models/nobody/step", new { text = "a" }, HttpStatusCode.NotFound);
        var id = await NewSessionAsync(client, "names");
        for (var time = 0; time < 2; time++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/sessions/{id}/step")
            {
                Content = new StringContent("""{"text":"N"}""", System.Text.Encoding.UTF8, "application/json"),
                Headers = { { "Idempotency-Key", "\"a\"" } },
            };
            using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
            response.EnsureSuccessStatusCode();
        }

        var replayed = (string)(await PostAsync(client, "/api/v1/sessions", new { model = "names", keptInputs = 4 }, HttpStatusCode.Created))["id"]!;
        await PostAsync(client, $"/api/v1/sessions/{replayed}/step", new { text = "N" });
        await PostAsync(client, $"/api/v1/sessions/{replayed}/move", new { by = "replay" });
        await SendAsync(client, "DELETE", $"/api/v1/sessions/{id}", status: HttpStatusCode.NoContent);
    }

    /// <summary>As Grafana would send them.</summary>
    static List<string> Expressions()
    {
        var dashboard = JsonNode.Parse(File.ReadAllText(InDeploy("grafana/rnn.json")))!;
        var panels = dashboard["panels"]!.AsArray().SelectMany(panel => panel!["targets"]?.AsArray() ?? []).Select(target => (string)target!["expr"]!);
        var alerts = AlertExpressions().Matches(File.ReadAllText(InDeploy("prometheus/alerts.yml"))).Select(match => match.Groups[1].Value);
        return [.. panels.Concat(alerts).Select(expression => expression
            .Replace("$__rate_interval", "1m", StringComparison.Ordinal).Replace("$model", ".*", StringComparison.Ordinal).Replace("$job", ".*", StringComparison.Ordinal))];
    }

    static string InDeploy(string path, [CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../../deploy", path));

    [GeneratedRegex(@"\b(?:rnn|http|kestrel|dotnet)_[a-z_]+\b(?=[\{\[\s\)]|$)")]
    private static partial Regex Metrics();

    [GeneratedRegex(@"by \([^)]*\)")]
    private static partial Regex Grouping();

    [GeneratedRegex("^ +- alert: (.+)$", RegexOptions.Multiline)]
    private static partial Regex AlertNames();

    [GeneratedRegex("^ +expr: (.+)$", RegexOptions.Multiline)]
    private static partial Regex AlertExpressions();
}
