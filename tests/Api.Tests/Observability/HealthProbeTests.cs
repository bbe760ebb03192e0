using Microsoft.Extensions.Configuration;
using Rnn.Api.Observability;
using Rnn.Api.Tests.Storage;

namespace Rnn.Api.Tests.Observability;

/// <summary>The image's health check finds the server wherever it was told to listen.</summary>
public sealed class HealthProbeTests
{
    [Theory]
    [InlineData("http://127.0.0.1:8080", "")]
    [InlineData("http://127.0.0.1:80", "http_ports=80;81", "https_ports=443")]
    [InlineData("https://127.0.0.1:443", "https_ports=443")]
    [InlineData("http://10.0.0.1:5000", "urls=http://10.0.0.1:5000;http://*:81", "http_ports=80")]
    [InlineData("http://127.0.0.1:5000", "urls=http://[::]:5000")]
    [InlineData("http://127.0.0.1:5000", "urls=http://0.0.0.0:5000")]
    [InlineData("http://[::1]:5000", "urls=http://[::1]:5000")]
    [InlineData("https://127.0.0.1:8443", "Kestrel:Endpoints:Grpc:Url=http://*:8081", "Kestrel:Endpoints:Grpc:Protocols=Http2", "Kestrel:Endpoints:Rest:Url=https://*:8443", "urls=http://*:1")]
    public void It_asks_where_the_server_listens(string expected, params string[] settings) =>
        Assert.Equal(new Uri(new Uri(expected), "/health/ready"), HealthProbe.AddressOf(Settings(settings)));

    [Theory]
    [InlineData("")]
    [InlineData("AllowedHosts=*.example;api.example")]
    public async Task It_says_0_of_a_server_that_is_ready_also_if_it_goes_by_another_name(string setting)
    {
        using var application = new RnnApplication();
        if (setting.Split('=') is [var key, var value])
        {
            application.Settings[key] = value;
        }

        using var client = application.StartOnSocket();

        Assert.Equal(0, await HealthProbe.RunAsync(Settings($"urls={client.BaseAddress}", setting)));
    }

    [Fact]
    public async Task It_says_1_of_a_server_that_is_not_ready_and_where_there_is_none()
    {
        var models = Directory.CreateTempSubdirectory("rnn-no-models-");
        using var application = new RnnApplication { Settings = { ["Models:Path"] = models.FullName } };
        using var client = application.StartOnSocket();

        Assert.Equal(1, await HealthProbe.RunAsync(Settings($"urls={client.BaseAddress}")));
        Assert.Equal(1, await HealthProbe.RunAsync(Settings($"urls=http://127.0.0.1:{Loopback.FreePort()}")));
        models.Delete();
    }

    static IConfiguration Settings(params string[] settings) => new ConfigurationBuilder().AddInMemoryCollection(
        settings.Where(setting => setting.Length > 0).Select(setting => setting.Split('=', 2)).Select(pair => KeyValuePair.Create(pair[0], (string?)pair[1]))).Build();
}
