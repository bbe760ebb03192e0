using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace Rnn.Api.Tests.OpenAi;

/// <summary>OpenAI's client for Node, in a process of its own: client.mjs runs one case and tells what came of it.</summary>
static class NodeClient
{
    static readonly string? Program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, "node"))
        .FirstOrDefault(File.Exists);

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    static string Folder => Path.GetDirectoryName(Here())!;

    /// <summary>Runs a case, or skips the test where Node or the package is not there.</summary>
    /// <param name="client">One of the server, on a real socket.</param>
    /// <param name="arguments">The case, and what it takes.</param>
    public static async Task<JsonNode> RunAsync(HttpClient client, params string[] arguments)
    {
        Assert.SkipUnless(Program is not null, "Node is not installed.");
        Assert.SkipUnless(
            Directory.Exists(Path.Combine(Folder, "node_modules", "openai")), "The package 'openai' is not installed: npm ci in tests/Api.Tests/OpenAi.");
        var start = new ProcessStartInfo(Program!, [Path.Combine(Folder, "client.mjs"), new Uri(client.BaseAddress!, "v1").AbsoluteUri, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(Aborted);
        var output = await process.StandardOutput.ReadToEndAsync(Aborted);
        await process.WaitForExitAsync(Aborted);
        Assert.True(process.ExitCode == 0, await error);
        return JsonNode.Parse(output)!;
    }

    static string Here([CallerFilePath] string path = "") => path;
}
