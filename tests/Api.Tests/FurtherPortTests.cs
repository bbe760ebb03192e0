using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Rnn.Api.Tests;

/// <summary>Where the server listens beside the addresses that it is given.</summary>
public sealed class FurtherPortTests
{
    [Theory]
    [InlineData("", "http://localhost:5000 http://localhost:9000 http://localhost:9001")]
    [InlineData("http://*:8080", "http://*:8080 http://*:9000 http://*:9001")]
    [InlineData("http://*:8080 https://*:8443", "http://*:8080 https://*:8443 http://*:9000 https://*:9001")]
    [InlineData("http://127.0.0.1:80 http://[::1]:80", "http://127.0.0.1:80 http://[::1]:80 http://127.0.0.1:9000 http://127.0.0.1:9001 http://[::1]:9000 http://[::1]:9001")]
    public void They_are_on_the_same_hosts_and_management_is_not_less_secret_than_the_rest(string addresses, string expected) =>
        Assert.Equal(expected, Listen(addresses, new() { GrpcPort = 9000, ManagementPort = 9001 }));

    [Theory]
    [InlineData("http://*:9001", null, "Server:ManagementPort is 9001, and http://*:9001 is where everything else is served; management needs a port of its own.")]
    [InlineData("", "http://*:8080", "Server:ManagementPort is 9001, and no endpoint of Kestrel:Endpoints, which take the place of --urls, has that port: name one there, so that management can be called.")]
    public void A_port_that_management_can_not_have_stops_the_start(string addresses, string? endpoint, string told) =>
        Assert.Equal(told, Assert.Throws<InvalidOperationException>(() => Listen(addresses, new() { ManagementPort = 9001 }, endpoint)).Message);

    [Fact]
    public void An_endpoint_may_be_named_for_management() => Assert.Equal("", Listen("", new() { ManagementPort = 9001 }, "https://10.0.0.1:9001"));

    [Fact]
    public void GRPC_and_management_have_not_the_same_port()
    {
        var server = new ServerOptions { GrpcPort = 9000, ManagementPort = 9000 };

        Assert.Equal(
            "ManagementPort and GrpcPort are both 9000; each needs a port of its own.",
            Assert.Single(server.Validate(new ValidationContext(server))).ErrorMessage);
    }

    /// <summary>The addresses that are listened at then.</summary>
    static string Listen(string addresses, ServerOptions server, string? endpoint = null)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(endpoint is null ? [] : new Dictionary<string, string?> { ["Kestrel:Endpoints:One:Url"] = endpoint }).Build();
        var listening = new ServerAddressesFeature();
        foreach (var address in addresses.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            listening.Addresses.Add(address);
        }

        var features = new FeatureCollection();
        features.Set<IServerAddressesFeature>(listening);
        using var services = new ServiceCollection().BuildServiceProvider();
        new FurtherPorts(server, configuration).Configure(_ => { })(new ApplicationBuilder(services, features));
        return string.Join(' ', listening.Addresses);
    }
}
