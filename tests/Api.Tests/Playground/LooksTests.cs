using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Rnn.Api.Tests.Playground;

/// <summary>Every view, filled as it is when it is used, in both themes, on a desk and on a phone: readable by everybody, and as wide as the screen.</summary>
public sealed class LooksTests(Browser browser) : IClassFixture<Browser>
{
    static readonly int[] Widths = [1440, 390];

    public static TheoryData<string, int, bool> Looks()
    {
        var looks = new TheoryData<string, int, bool>();
        foreach (var view in new[] { "models", "text", "series", "labels", "attention", "sessions" })
        {
            foreach (var width in Widths)
            {
                looks.Add(view, width, false);
                looks.Add(view, width, true);
            }
        }

        return looks;
    }

    [Theory]
    [MemberData(nameof(Looks))]
    public async Task Nothing_stands_in_the_way(string view, int width, bool isDark)
    {
        await using var visit = view switch
        {
            "text" => await TextAsync(width, isDark),
            "series" => await SeriesAsync(width, isDark),
            "sessions" => await SessionAsync(width, isDark),
            "labels" => await WithAsync("Labels", ".evolution", view, width, isDark),
            "attention" => await WithAsync("Attention", ".attention", view, width, isDark),
            _ => await WithAsync("See the network think", ".card", view, width, isDark),
        };

        Assert.True(await visit.Page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"), "The page is wider than the screen.");
        var found = await visit.Page.RunAxe();
        Assert.Empty(found.Violations.Where(fault => fault.Impact is "serious" or "critical").Select(Told));
        await visit.PictureAsync($"{view}-{width}-{(isDark ? "dark" : "light")}");
    }

    static string Told(AxeResultItem fault) => $"{fault.Help}: {string.Join("; ", fault.Nodes.Take(3).Select(node => $"{node.Html} {string.Join(' ', node.Any.Select(check => check.Message))}"))}";

    async Task<Visit> WithAsync(string title, string what, string view, int width, bool isDark)
    {
        var visit = await browser.OpenAsync(view, title, width, isDark);
        await Expect(visit.Page.Locator(what).First).ToBeVisibleAsync();
        return visit;
    }

    async Task<Visit> TextAsync(int width, bool isDark)
    {
        var visit = await browser.OpenAsync("text", "Text", width, isDark);
        await visit.Field("Begin with").FillAsync("\"I am all astonishment,\" said Elizabeth. \"");
        await visit.Page.GetByText("More ways to draw").ClickAsync();
        await visit.Field("Seed").FillAsync("5");
        await visit.Page.GetByText("More ways to draw").ClickAsync();
        await visit.Button("Write").ClickAsync();
        await Expect(visit.Status).ToContainTextAsync("characters");
        await visit.Page.Locator("[role=option]").Nth(60).ClickAsync();
        await visit.Page.Locator(".inspector li button:not(.taken)").First.ClickAsync();
        await Expect(visit.Page.Locator(".writing")).ToHaveCountAsync(2);
        await Expect(visit.Status).ToContainTextAsync("characters");
        await visit.Field("Which units follow").SelectOptionAsync("quotations");
        await visit.Button("Find").ClickAsync();
        await Expect(visit.Page.Locator(".summary")).ToContainTextAsync("Forget gate");
        return visit;
    }

    async Task<Visit> SeriesAsync(int width, bool isDark)
    {
        var visit = await browser.OpenAsync("series?model=air", "Time series", width, isDark);
        await visit.Button("Watch").ClickAsync();
        await Expect(visit.Status).ToHaveTextAsync("Watched 312 rows, forecast 24.", new() { Timeout = 60_000 });
        return visit;
    }

    async Task<Visit> SessionAsync(int width, bool isDark)
    {
        var visit = await browser.OpenAsync("sessions?model=austen", "Sessions", width, isDark);
        await visit.Button("Create").ClickAsync();
        await visit.Field("Read on").FillAsync("Emma was ");
        await visit.Button("Step").ClickAsync();
        await Expect(visit.Page.Locator(".rewind")).ToBeVisibleAsync();
        return visit;
    }
}
