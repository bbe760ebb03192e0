using Rnn.Engine.Models;

namespace Rnn.Engine.Tests.Models;

public sealed class VersionRulesTests : IDisposable
{
    readonly ModelFiles _files = new();

    [Fact]
    public void Canaries_get_the_shares_that_were_set()
    {
        const int Draws = 10_000;
        const double Chi2 = 13.8;                          // of two degrees of freedom; beyond it once in 1,000 seeds
        using var models = Catalog(new() { Canary = Of("m", new Dictionary<int, double> { [1] = 0.05, [2] = 0.2 }) }, new Random(1));

        var drawn = Enumerable.Range(0, Draws).CountBy(_ => models.Draw("m", null).Version).ToDictionary();

        var shares = new Dictionary<int, double> { [1] = 0.05, [2] = 0.2, [3] = 0.75 };
        Assert.Equal(Draws, drawn.Values.Sum());
        Assert.InRange(shares.Sum(share => Math.Pow(drawn[share.Key] - share.Value * Draws, 2) / (share.Value * Draws)), 0, Chi2);
        Assert.Equal(3, models.Get("m", null).Version);
    }

    [Fact]
    public void The_share_of_a_canary_that_is_not_loaded_goes_to_the_default()
    {
        using var models = Catalog(new() { Canary = Of("m", new Dictionary<int, double> { [9] = 1 }), Defaults = Of("m", "2") }, new Random(1));

        Assert.Equal(2, models.Draw("m", null).Version);
    }

    [Fact]
    public void A_default_that_is_not_loaded_is_told_and_never_another_version()
    {
        using var models = Catalog(new() { Defaults = Of("m", "9") }, new Random(1));

        Assert.Contains("no version 9. Loaded are: 3, 2, 1.", Assert.Throws<EngineException>(() => models.Draw("m", null)).Message, StringComparison.Ordinal);
        Assert.Equal(3, models.Get("m", 3).Version);
    }

    public void Dispose() => _files.Dispose();

    static Dictionary<string, T> Of<T>(string name, T value) => new() { [name] = value };

    ModelCatalog Catalog(VersionRules rules, Random random)
    {
        _files.Write("m/1");
        _files.Write("m/2");
        _files.Write("m/3");
        return new(_files.Path, new ModelLoader(), ModelControl.None, rules, random);
    }
}
