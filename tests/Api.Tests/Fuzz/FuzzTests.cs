using CsCheck;
using Rnn.Api.Tests.Security;

namespace Rnn.Api.Tests.Fuzz;

/// <summary>Whatever is asked, the answer is one that the OpenAPI document promises.</summary>
public sealed class FuzzTests
{
    [Fact]
    public async Task Whatever_is_asked_is_answered_as_documented()
    {
        using var host = new FuzzHost(new RnnApplication());
        var contract = await Contract.ReadAsync(host.Client);
        var seeds = await Seeds.LearnAsync(contract, host, key: null);
        var run = new FuzzRun(contract, host.SendAsync, host.Log);

        await run.SendAsync(seeds.Documented);
        await run.SendAsync(RequestGen.Of(contract, seeds).Any, FuzzRun.Count);

        run.AssertFaultless();
    }
}

/// <summary>The same of a server with keys, whoever asks.</summary>
public sealed class FuzzWithKeysTests
{
    const int Share = 5;                                   // the routes are the same, and only what stands before them is not

    static readonly Gen<string?> Authorization = Gen.Frequency<string?>(
        (8, $"Bearer {Keys.Alice}"), (4, $"Bearer {Keys.Bob}"), (3, $"Bearer {Keys.Manager}"), (2, $"Bearer {Keys.Narrow}"), (1, $"Bearer {Keys.Unknown}"), (1, null),
        (1, "Bearer"), (1, "Bearer "), (1, "Basic YTpi"), (1, "Bearer a.b.c"), (1, $"bearer {Keys.Alice}"), (1, $"Bearer {Keys.Alice},{Keys.Bob}"), (1, $"Bearer {new string('k', 5_000)}"), (1, "\u00e9"));

    [Fact]
    public async Task Whoever_asks_is_answered_as_documented()
    {
        using var host = new FuzzHost(Keys.Application(("Access:FailuresPerMinute", "20")));
        var contract = await Contract.ReadAsync(host.Client);
        var seeds = await Seeds.LearnAsync(contract, host, Keys.Alice);
        var run = new FuzzRun(contract, host.SendAsync, host.Log);
        var requests = from request in RequestGen.Of(contract, seeds).Any
                       from key in Authorization
                       select request.With("Authorization", key);

        await run.SendAsync(seeds.Documented.SelectMany(request => new[] { request.By(Keys.Alice), request.By(Keys.Manager) }));
        await run.SendAsync(requests, FuzzRun.Count / Share);

        run.AssertFaultless();
        Assert.Superset(new HashSet<int> { 401, 403, 429 }, run.Statuses);
    }
}
