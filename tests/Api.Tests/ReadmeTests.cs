using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Rnn.Api.Tests;

/// <summary>What the README tells a newcomer to type works.</summary>
public sealed partial class ReadmeTests
{
    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_curl_of_the_README_succeeds_in_the_order_of_the_page()
    {
        Assert.SkipUnless(await IsInstalledAsync("bash") && await IsInstalledAsync("curl"), "bash and curl are needed to run the README's commands.");

        using var application = new RnnApplication();
        var server = application.StartOnSocket().BaseAddress!.Authority;
        var commands = ShellBlocks().Matches(await File.ReadAllTextAsync(ReadmePath(), Aborted))
            .Select(match => match.Groups["text"].Value)
            .Where(block => block.Contains("curl ", StringComparison.Ordinal))
            .ToList();
        Assert.NotEmpty(commands);

        var home = Directory.CreateTempSubdirectory("rnn-curl-");
        await File.WriteAllTextAsync(Path.Combine(home.FullName, ".curlrc"), "fail\n", Aborted);
        foreach (var command in commands)
        {
            var (exitCode, output) = await RunAsync(
                "bash", ["-euo", "pipefail", "-c", command.Replace("localhost:8080", server, StringComparison.Ordinal)], home.FullName);
            Assert.True(exitCode == 0, $"{command}\nexit code {exitCode}: {output}");
        }

        home.Delete(recursive: true);
    }

    static async Task<bool> IsInstalledAsync(string program)
    {
        try
        {
            return (await RunAsync(program, ["--version"], ".")).ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    static async Task<(int ExitCode, string Output)> RunAsync(string program, string[] arguments, string curlHome)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["CURL_HOME"] = curlHome },
            WorkingDirectory = Path.GetDirectoryName(ReadmePath()),
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(Aborted);
        var error = process.StandardError.ReadToEndAsync(Aborted);
        await process.WaitForExitAsync(Aborted);
        return (process.ExitCode, await output + await error);
    }

    static string ReadmePath([CallerFilePath] string path = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "../../README.md"));

    [GeneratedRegex("^```sh\n(?<text>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex ShellBlocks();
}
