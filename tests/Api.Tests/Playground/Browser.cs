using Microsoft.Playwright;

namespace Rnn.Api.Tests.Playground;

/// <summary>Chromium and a server to visit.</summary>
public sealed class Browser : IAsyncLifetime
{
    static readonly string? Program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(folder => new[] { "chromium", "chromium-browser", "google-chrome" }.Select(name => Path.Combine(folder, name)))
        .FirstOrDefault(File.Exists);

    readonly RnnApplication _application;
    IPlaywright? _playwright;
    IBrowser? _chromium;

    public Browser()
        : this(new RnnApplication())
    {
    }

    /// <param name="application">The server.</param>
    internal Browser(RnnApplication application) => _application = application;

    /// <summary>The server, for what is to be prepared or looked at behind the page's back.</summary>
    public HttpClient Client { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        if (Program is null)
        {
            return;
        }

        Client = _application.StartOnSocket();
        _playwright = await Microsoft.Playwright.Playwright.CreateAsync();
        // Its sandbox takes rights that containers seldom have; nothing is visited but the server of this test.
        _chromium = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = Program, Args = ["--no-sandbox"] });
    }

    /// <summary>Opens a view, or skips the test where there is no Chromium.</summary>
    /// <param name="view">What follows the # of the address.</param>
    /// <param name="title">The headline that it has when it is there.</param>
    /// <param name="width">CSS pixels.</param>
    /// <param name="isDark">The theme of the system.</param>
    public async Task<Visit> OpenAsync(string view, string title, int width = 1440, bool isDark = false)
    {
        var visit = await NewAsync(width, isDark);
        await visit.GoAsync(view, title);
        return visit;
    }

    /// <summary>A page on which nothing is opened yet.</summary>
    public async Task<Visit> NewAsync(int width = 1440, bool isDark = false)
    {
        Assert.SkipUnless(Program is not null, "Chromium is not installed.");
        var context = await _chromium!.NewContextAsync(new()
        {
            ViewportSize = new() { Width = width, Height = width < 500 ? 844 : 900 },
            ColorScheme = isDark ? ColorScheme.Dark : ColorScheme.Light,
            ReducedMotion = ReducedMotion.Reduce,
            AcceptDownloads = true,
        });
        return new Visit(context, await context.NewPageAsync(), Client.BaseAddress!);
    }

    public async ValueTask DisposeAsync()
    {
        if (_chromium is not null)
        {
            await _chromium.DisposeAsync();
        }

        _playwright?.Dispose();
        await _application.DisposeAsync();
    }
}
