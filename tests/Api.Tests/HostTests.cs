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
    [InlineData("Limits:MaxTimesteps", "0")]
    [InlineData("Server:MaxBodyBytes", "1")]
    public void An_option_out_of_range_refuses_to_start(string key, string value)
    {
        using var application = new RnnApplication { Settings = { [key] = value } };

        var exception = Assert.ThrowsAny<Exception>(application.CreateClient);

        Assert.Contains(key.Split(':')[1], exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_option_that_is_misspelt_refuses_to_start()
    {
        using var application = new RnnApplication { Settings = { ["Sessions:Capasity"] = "10" } };

        var exception = Assert.ThrowsAny<Exception>(application.CreateClient);

        Assert.Contains("Capasity", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_folder_that_is_not_there_refuses_to_start()
    {
        using var application = new RnnApplication { Settings = { ["Models:Path"] = "nowhere" } };

        Assert.ThrowsAny<Exception>(application.CreateClient);
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
}
