using System.Globalization;

namespace Rnn.Api.Observability;

/// <summary>
/// The command <c>health</c>: asks the server of this container whether it is ready, as its image has no shell and
/// no curl to do so.
/// </summary>
static class HealthProbe
{
    const int DefaultPort = 8080;

    static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    /// <returns>The exit code: 0 if the server is ready, 1 if not.</returns>
    public static async Task<int> RunAsync()
    {
        using var client = new HttpClient { Timeout = Timeout };
        try
        {
            using var response = await client.GetAsync(new Uri($"http://127.0.0.1:{Port}/health/ready"));
            return response.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            return 1;
        }
    }

    static int Port => int.TryParse(
        Environment.GetEnvironmentVariable("ASPNETCORE_HTTP_PORTS")?.Split(';')[0], CultureInfo.InvariantCulture, out var port)
        ? port
        : DefaultPort;
}
