using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace Rnn.Api.Tests.Deployment;

/// <summary>The compose file: its servers have settings that there are, and time to stop.</summary>
public sealed class ComposeTests(ServerFacts server) : IClassFixture<ServerFacts>
{
    [Fact]
    public async Task Its_servers_start_with_their_settings_and_are_given_the_time_to_stop()
    {
        var services = Servers();

        Assert.Equal(["rnn", "rnn-1", "rnn-2"], services.Keys);
        foreach (var service in services.Values)
        {
            var settings = ((Dictionary<object, object>)service["environment"]).Select(variable =>
                KeyValuePair.Create(((string)variable.Key).Replace("__", ":", StringComparison.Ordinal), (string)variable.Value)).ToList();
            Assert.All(settings, setting => Assert.True(ServerFacts.IsDocumented(setting.Key), $"There is no setting '{setting.Key}'."));
            await DeployedSettings.StartAsync(settings);
            Assert.True(int.Parse(((string)service["stop_grace_period"]).TrimEnd('s'), CultureInfo.InvariantCulture) > server.ShutdownTimeout.TotalSeconds);
            Assert.Equal("true", service["read_only"]);
        }
    }

    [Fact]
    public void Its_files_are_there()
    {
        var mounted = Services().Values.Where(service => service.ContainsKey("volumes")).SelectMany(service => ((List<object>)service["volumes"]).Cast<string>())
            .Where(volume => volume.StartsWith("./", StringComparison.Ordinal)).Select(volume => RepositoryFiles.PathOf(volume.Split(':')[0])).ToList();

        Assert.All(mounted, path => Assert.True(Path.Exists(path), $"{path} is mounted, and is not there."));
        Assert.Equal(4, mounted.Count);
    }

    [Theory]
    [InlineData("Server:GrpcPort", true)]
    [InlineData("Models:Canary:names:2", true)]
    [InlineData("Access:Keys:0:Name", true)]
    [InlineData("Server:GrpcPrt", false)]
    [InlineData("Srver:GrpcPort", false)]
    [InlineData("Server", false)]
    public void A_setting_is_known_by_its_documentation(string setting, bool isKnown) => Assert.Equal(isKnown, ServerFacts.IsDocumented(setting));

    static Dictionary<string, Dictionary<string, object>> Servers() =>
        Services().Where(service => service.Value.ContainsKey("build")).ToDictionary();

    static Dictionary<string, Dictionary<string, object>> Services()
    {
        using var reader = new StreamReader(RepositoryFiles.PathOf("docker-compose.yml"));
        var merged = new DeserializerBuilder().IgnoreUnmatchedProperties().WithCaseInsensitivePropertyMatching().Build().Deserialize<Compose>(new MergingParser(new Parser(reader)));
        return merged.Services;
    }

    sealed class Compose
    {
        public Dictionary<string, Dictionary<string, object>> Services { get; init; } = [];
    }
}
