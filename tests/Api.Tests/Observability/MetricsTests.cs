using System.Net;
using Rnn.Api.Tests.Faults;
using static Rnn.Api.Tests.RnnApplication;

namespace Rnn.Api.Tests.Observability;

/// <summary>Servers of their own: meters are found by their names, and other tests of this process have the same.</summary>
public sealed class MetricsTests : IDisposable
{
    readonly CountingModel _models = new();

    public void Dispose() => _models.Dispose();

    [Theory]
    [InlineData("text/plain", "text/plain; version=0.0.4; charset=utf-8")]
    [InlineData("application/openmetrics-text; version=1.0.0", "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores")]
    public async Task Metrics_are_what_Prometheus_reads(string accept, string contentType)
    {
        await using var server = await ServerProcess.StartNewAsync(_models.Path);
        using var client = new HttpClient { BaseAddress = server.Address };
        await PostAsync(client, $"/api/v1/models/{CountingModel.Counting}/step", new { values = new[] { 1 } });

        var scrape = await Scrape.OfAsync(client, accept);

        Assert.Equal(contentType, scrape.ContentType);
        Assert.Contains($"version=\"1\"", scrape.Text, StringComparison.Ordinal);
        var types = scrape.Types.Where(type => type.Key.StartsWith("rnn_", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(types);
        Assert.All(types, type =>
        {
            Assert.Contains(type.Value, new[] { "counter", "gauge", "histogram" });
            var isNamedAsCounter = type.Key.EndsWith("_total", StringComparison.Ordinal)
                || scrape.Series.Keys.Any(series => series.StartsWith($"{type.Key}_total{{", StringComparison.Ordinal));
            Assert.Equal(type.Value == "counter", isNamedAsCounter);
        });
        Assert.Equal(1, scrape.Sum("rnn_request_duration_seconds_count", "model=\"counting\""));
    }

    [Fact]
    public async Task A_thousand_unknown_models_and_sessions_add_no_series()
    {
        await using var server = await ServerProcess.StartNewAsync(_models.Path);
        using var client = new HttpClient { BaseAddress = server.Address };
        await RoundAsync("first");
        var before = await Scrape.UntilAsync(client, scrape => Count(scrape) == 2);

        await Parallel.ForEachAsync(Enumerable.Range(0, 1_000), TestContext.Current.CancellationToken, async (index, _) => await RoundAsync($"x{index}"));

        var after = await Scrape.UntilAsync(client, scrape => Count(scrape) == 2_002);
        Assert.Equal(Ours(before), Ours(after));
        Assert.DoesNotContain("x7", after.Text, StringComparison.Ordinal);

        async Task RoundAsync(string name)
        {
            await PostAsync(client, $"/api/v1/models/{name}/step", new { text = "a" }, HttpStatusCode.NotFound);
            await PostAsync(client, $"/api/v1/sessions/{name}/step", new { values = new[] { 1 } }, HttpStatusCode.NotFound);
            await PostAsync(client, "/api/v1/sessions", new { model = CountingModel.Counting, id = name }, HttpStatusCode.Created);
            await PostAsync(client, $"/api/v1/sessions/{name}/step", new { values = new[] { 1 } });
            await SendAsync(client, "DELETE", $"/api/v1/sessions/{name}", status: HttpStatusCode.NoContent);
            await SendAsync(client, name[..1] == "x" ? $"X{name}" : "XFIRST", "/api/v1/models", status: HttpStatusCode.MethodNotAllowed);
        }

        static double Count(Scrape scrape) =>
            scrape.Sum("rnn_errors_total", "model-not-found") + scrape.Sum("rnn_errors_total", "session-not-found");

        static List<string> Ours(Scrape scrape) =>                     // but for the scrapes themselves
            [.. scrape.Series.Keys.Where(series => !series.Contains("\"/metrics\"", StringComparison.Ordinal)).Where(series => series.StartsWith("rnn_", StringComparison.Ordinal) || series.StartsWith("http_", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
    }

    [Fact]
    public async Task Without_the_setting_there_are_no_metrics()
    {
        using var application = new RnnApplication { Settings = { ["Telemetry:Metrics"] = "false" } };
        using var client = application.CreateClient();

        await GetAsync(client, "/metrics", HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_session_is_counted_once_at_its_beginning_and_once_at_its_end_by_whatever_protocol()
    {
        await using var server = await ServerProcess.StartNewAsync(_models.Path);
        using var client = new HttpClient { BaseAddress = server.Address };
        var session = await NewSessionAsync(client, CountingModel.Counting);
        await SendAsync(client, "DELETE", $"/api/v1/sessions/{session}", status: HttpStatusCode.NoContent);
        await InferAsync("""{"sequence_id":"s","sequence_start":true}""");
        await InferAsync("""{"sequence_id":"s","sequence_start":true}""");           // it lives: it begins anew, and is no other
        await InferAsync("""{"sequence_id":"s"}""");
        await InferAsync("""{"sequence_id":"s","sequence_end":true}""");
        await InferAsync("""{"sequence_id":"s","sequence_start":true,"sequence_end":true}""");

        var scrape = await Scrape.UntilAsync(client, scrape => scrape.Sum("rnn_sessions_ended_total", "reason=\"deleted\"") == 3);

        Assert.Equal(3, scrape.Sum("rnn_sessions_created_total", "model=\"counting\""));

        Task InferAsync(string parameters) => PostAsync(
            client, "/v2/models/counting/infer", $$"""{"inputs":[{"name":"input","shape":[1,1,1],"datatype":"FP32","data":[1]}],"parameters":{{parameters}}}""");
    }

    [Fact]
    public async Task A_durable_store_is_timed_by_operation_and_tells_what_has_left_memory()
    {
        using var file = new SqliteFile();
        await using var server = await ServerProcess.StartNewAsync(_models.Path, [.. file.Settings, "Sessions:Capacity=1"]);
        using var client = new HttpClient { BaseAddress = server.Address };
        await NewSessionAsync(client, CountingModel.Counting);
        await NewSessionAsync(client, CountingModel.Counting);

        var scrape = await Scrape.UntilAsync(client, scrape => scrape.Sum("rnn_sessions_spilled_total", "model=\"counting\"") == 1);

        Assert.Equal(2, scrape.Sum("rnn_store_duration_seconds_count", "operation=\"write\""));
        Assert.Equal(1, scrape.Sum("rnn_sessions_active", "store=\"sqlite\""));
        Assert.True(scrape.Sum("rnn_state_bytes", "store=\"sqlite\"") > 0);
    }
}
