using System.Net;
using Rnn.Api.Commands;

namespace Rnn.Api.Observability;

/// <summary>
/// The command <c>health</c>: asks the server of this container whether it is ready, as its image has no shell and
/// no curl to do so. It finds it by the settings that the server has too.
/// </summary>
static class HealthProbe
{
    const string UsualAddress = "http://*:8080";

    static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    /// <returns>The exit code: 0 if the server is ready, 1 if not.</returns>
    public static Task<int> RunAsync() => RunAsync(WebApplication.CreateBuilder(CommandLine.HostOptions([])).Configuration);

    /// <returns>The exit code: 0 if the server that has these settings is ready, 1 if not.</returns>
    public static async Task<int> RunAsync(IConfiguration settings)
    {
        // It asks itself: its certificate is for the name that others know it by.
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator };
        using var client = new HttpClient(handler) { Timeout = Timeout };
        using var request = new HttpRequestMessage(HttpMethod.Get, AddressOf(settings));
        request.Headers.Host = settings["AllowedHosts"]?.Split(';').FirstOrDefault(host => !host.Contains('*', StringComparison.Ordinal));
        try
        {
            using var response = await client.SendAsync(request);
            return response.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            return 1;
        }
    }

    /// <summary>What to ask, in the order in which the server takes its settings: endpoints before addresses before ports.</summary>
    public static Uri AddressOf(IConfiguration settings)
    {
        var address = settings.GetSection("Kestrel:Endpoints").GetChildren()
                .Where(endpoint => endpoint["Protocols"] is not "Http2").Select(endpoint => endpoint["Url"]).FirstOrDefault(url => url is not null)
            ?? First(settings["urls"])
            ?? (First(settings["http_ports"]) is { } http ? $"http://*:{http}" : null)
            ?? (First(settings["https_ports"]) is { } https ? $"https://*:{https}" : null)
            ?? UsualAddress;
        var binding = BindingAddress.Parse(address);
        return new UriBuilder(binding.Scheme, HostOf(binding.Host), binding.Port, "/health/ready").Uri;
    }

    static string HostOf(string host) => !IPAddress.TryParse(host, out var address)
        ? host is "*" or "+" ? "127.0.0.1" : host
        : address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) ? "127.0.0.1" : host;

    static string? First(string? list) => list?.Split(';', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
}
