using System.Net;
using Rnn.Client;
using static Rnn.Api.Tests.RnnApplication;

namespace Rnn.Api.Tests.Monitoring;

/// <summary>The bundled monitor on streams that it has never seen, through the client.</summary>
public sealed class MonitorModelTests(RnnApplication application) : IClassFixture<RnnApplication>
{
    readonly HttpClient _http = application.CreateClient();

    // A season of 48 timesteps with noise, in units that differ by 15 orders of magnitude.
    [Theory]
    [InlineData(1, 0)]
    [InlineData(1e6, 3e6)]
    [InlineData(1e-9, -5e-9)]
    public async Task In_any_unit_a_leap_stands_out_and_the_usual_does_not(double unit, double level)
    {
        var session = await new RnnClient(_http).CreateSessionAsync(new() { Model = "monitor" }, TestContext.Current.CancellationToken);
        var random = new Random(5);
        var anomalies = new List<double>();
        for (var step = 0; step < 600; step++)
        {
            var leap = step == 555 ? 4 : 0;
            var value = level + unit * (Math.Sin(2 * Math.PI * step / 48) + 0.1 * random.NextDouble() + leap);
            var observation = await session.ObserveAsync(new() { Values = [value] }, aborted: TestContext.Current.CancellationToken);
            anomalies.Add(observation.Comparison?.Anomaly ?? 0);
        }

        Assert.Equal(555, anomalies.Index().Skip(100).MaxBy(item => item.Item).Index);
        Assert.True(anomalies[555] > 0.995, $"{anomalies[555]}");
        Assert.InRange(anomalies.Skip(100).Count(anomaly => anomaly > 0.9) / 500.0, 0.02, 0.2);
    }

    [Fact]
    public async Task A_model_that_does_not_predict_its_features_watches_nothing()
    {
        var session = (string)(await PostAsync(_http, "/api/v1/sessions", new { model = "temperature" }, HttpStatusCode.Created))["id"]!;

        var problem = await PostAsync(_http, $"/api/v1/sessions/{session}/observe", new { values = new[] { 1, 2, 3, 4, 5, 6 } }, HttpStatusCode.UnprocessableEntity);

        Assert.Contains("can't watch a stream", (string)problem["detail"]!, StringComparison.Ordinal);
    }
}
