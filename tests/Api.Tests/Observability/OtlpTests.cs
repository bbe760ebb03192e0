using System.Text;
using Rnn.Api.Tests.Faults;

namespace Rnn.Api.Tests.Observability;

public sealed class OtlpTests : IDisposable
{
    readonly CountingModel _models = new();

    public void Dispose() => _models.Dispose();

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT")]
    [InlineData("Telemetry:Otlp")]
    public async Task Metrics_traces_and_logs_go_to_the_collector_that_is_named_in_the_caller_s_trace(string setting)
    {
        await using var collector = await Collector.StartAsync();
        await using var server = await ServerProcess.StartNewAsync(
            _models.Path, $"{setting}={collector.Address}", "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
            "OTEL_BSP_SCHEDULE_DELAY=50", "OTEL_BLRP_SCHEDULE_DELAY=50", "OTEL_METRIC_EXPORT_INTERVAL=50",
            "Serilog:MinimumLevel:Default=Information");
        using var client = new HttpClient { BaseAddress = server.Address };
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/models/{CountingModel.Counting}/step")
        {
            Content = new StringContent("""{"values":[1]}""", Encoding.UTF8, "application/json"),
            Headers = { { "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" } },
        };
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        response.EnsureSuccessStatusCode();

        var trace = Convert.FromHexString("0af7651916cd43dd8448eb211c80319c");
        await collector.ExpectAsync("traces", trace, "rnn.tick"u8.ToArray());
        await collector.ExpectAsync("traces", trace, "rnn.call"u8.ToArray());
        await collector.ExpectAsync("traces", trace, Convert.FromHexString("b7ad6b7169203331"));
        await collector.ExpectAsync("metrics", "rnn.compute.duration"u8.ToArray());
        await collector.ExpectAsync("logs", trace, "RequestPath"u8.ToArray());
    }
}
