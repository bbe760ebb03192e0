using System.Diagnostics;
using System.Net;
using Rnn.Api.Errors;
using Rnn.Engine;
using static Rnn.Api.Tests.RnnApplication;

namespace Rnn.Api.Tests;

public sealed class HostTests
{
    [Fact]
    public async Task Live_and_ready_once_the_models_are_loaded()
    {
        using var application = new RnnApplication();
        using var client = application.CreateClient();

        foreach (var probe in new[] { "/health/live", "/health/ready" })
        {
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(new Uri(probe, UriKind.Relative), TestContext.Current.CancellationToken)).StatusCode);
        }
    }

    [Theory]
    [InlineData("Sessions:Capacity", "0")]
    [InlineData("Sessions:TimeToLive", "-00:00:01")]
    [InlineData("Sessions:Capasity", "10")]
    [InlineData("Limits:MaxTimesteps", "0")]
    [InlineData("Server:MaxBodyBytes", "1")]
    [InlineData("Server:StateKey", "c2hvcnQ=")]
    [InlineData("Store:Kind", "Cloud")]
    [InlineData("Models:Path", "nowhere")]
    [InlineData("Models:Control", "Sometimes")]
    [InlineData("Models:PollInterval", "00:00:00")]
    [InlineData("Models:Defaults:austen", "newest")]
    [InlineData("Models:Canary:austen:1", "1.5")]
    public async Task A_setting_that_can_not_be_served_refuses_to_start_and_is_named(string key, string value)
    {
        var (exitCode, log) = await StartAsync($"--{key}={value}");

        Assert.Equal(1, exitCode);
        Assert.Contains("Stopped: ", log, StringComparison.Ordinal);
        Assert.Contains(key == "Models:Path" ? value : key.Split(':')[1], log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Limits_are_configurable()
    {
        using var application = new RnnApplication { Settings = { ["Limits:MaxTimesteps"] = "3", ["Limits:MaxGeneratedLength"] = "4" } };
        using var client = application.CreateClient();

        await PostAsync(client, "/api/v1/models/austen/sequence", new { text = "abc" });
        await PostAsync(client, "/api/v1/models/austen/sequence", new { text = "abcd" }, HttpStatusCode.BadRequest);
        await PostAsync(client, "/api/v1/models/austen/generate", new { text = "a", maxLength = 4 });
        await PostAsync(client, "/api/v1/models/austen/generate", new { text = "a", maxLength = 5 }, HttpStatusCode.BadRequest);
    }

    [Fact]
    public void Every_kind_of_error_has_a_status() =>
        Assert.All(Enum.GetValues<ErrorKind>(), kind => Assert.InRange(Problem.StatusOf(kind), 400, 599));

    /// <summary>Starts the program in a process of its own, which is expected to end by itself.</summary>
    internal static async Task<(int ExitCode, string Log)> StartAsync(params string[] settings)
    {
        var aborted = TestContext.Current.CancellationToken;
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Rnn.Api.dll"), .. settings, "--urls=http://127.0.0.1:0"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(aborted);
        var error = process.StandardError.ReadToEndAsync(aborted);
        await process.WaitForExitAsync(aborted);
        return (process.ExitCode, await output + await error);
    }
}
