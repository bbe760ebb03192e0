using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Rnn.Api.Tests.Faults;
using Rnn.Api.Tests.Observability;

namespace Rnn.Api.Tests.Deployment;

/// <summary>What a running server, its image and its documentation say, which what deploys it has to keep to.</summary>
public sealed partial class ServerFacts : IAsyncLifetime
{
    readonly HashSet<string> _healthPaths = [];

    /// <summary>Where it answers 200 to who has no key.</summary>
    public bool IsHealthPath(string path) => _healthPaths.Contains(path);

    /// <summary>The names of the metrics that it tells once it has been called.</summary>
    public IReadOnlySet<string> Metrics { get; private set; } = new HashSet<string>();

    /// <summary>How long it takes at most to stop.</summary>
    public TimeSpan ShutdownTimeout { get; private set; }

    /// <summary>The user that the image runs as: what the base image calls APP_UID.</summary>
    public static long User { get; } = RepositoryFiles.TextOf("Dockerfile").Contains("\nUSER $APP_UID\n", StringComparison.Ordinal) ? 1654 : 0;

    /// <summary>The ports that the image is documented to listen at.</summary>
    public static IReadOnlyList<int> Ports { get; } =
        [.. Exposed().Match(RepositoryFiles.TextOf("Dockerfile")).Groups["port"].Captures.Select(port => int.Parse(port.Value, CultureInfo.InvariantCulture))];

    /// <summary>Whether the documentation knows a setting.</summary>
    public static bool IsDocumented(string setting) => Rows().Matches(RepositoryFiles.TextOf("docs/configuration.md")).Select(row => row.Groups["key"].Value)
        .Any(key => Regex.IsMatch(setting, $"^{Placeholder().Replace(Regex.Escape(key), "[^:]+")}(:[0-9]+(:\\w+)?)?$"));

    public async ValueTask InitializeAsync()
    {
        // A process of its own: meters are found by their names, and other tests of this process have the same.
        await using var server = await ServerProcess.StartNewAsync(Path.Combine(AppContext.BaseDirectory, "models"));
        using var client = new HttpClient { BaseAddress = server.Address };
        foreach (var path in new[] { "/health/live", "/health/ready" })
        {
            using var response = await client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
            if (response.IsSuccessStatusCode)
            {
                _healthPaths.Add(path);
            }
        }

        await RnnApplication.PostAsync(client, "/api/v1/models/names/step", new { text = "T" });
        Metrics = (await Scrape.OfAsync(client)).Types.Keys.ToHashSet();
        using var application = new RnnApplication();
        ShutdownTimeout = application.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout;
    }

    public ValueTask DisposeAsync() => default;

    [GeneratedRegex(@"^EXPOSE( (?<port>\d+))+$", RegexOptions.Multiline)]
    private static partial Regex Exposed();

    [GeneratedRegex(@"^\| `(?<key>[A-Z]\w+(:[\w{}]+)+)` \|", RegexOptions.Multiline)]
    private static partial Regex Rows();

    [GeneratedRegex(@"\\\{\w+\}")]
    private static partial Regex Placeholder();
}
