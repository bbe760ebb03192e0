namespace Rnn.Api.Tests.Deployment;

/// <summary>Starts the server with settings that it is deployed with, as it checks them at its start.</summary>
static class DeployedSettings
{
    public static async Task StartAsync(IEnumerable<KeyValuePair<string, string>> settings)
    {
        var folder = Directory.CreateTempSubdirectory("rnn-deployed-");
        try
        {
            using var application = new RnnApplication();
            foreach (var (key, value) in settings)
            {
                // Paths are the container's; here they are in a folder of their own.
                application.Settings[key] = value.StartsWith('/') ? Path.Combine(folder.FullName, Path.GetFileName(value)) : value;
            }

            await File.WriteAllTextAsync(
                Path.Combine(folder.FullName, "keys.json"), $$"""{ "Keys": [{ "Name": "alice", "Hash": "{{new string('0', 64)}}" }] }""", TestContext.Current.CancellationToken);
            using var client = application.CreateClient();
            using var response = await client.GetAsync(new Uri("/health/live", UriKind.Relative), TestContext.Current.CancellationToken);
            response.EnsureSuccessStatusCode();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
