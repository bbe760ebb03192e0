using System.Runtime.CompilerServices;
using Microsoft.Playwright;

namespace Rnn.Api.Tests.Playground;

/// <summary>A page that is visited. When it is left, nothing may have gone wrong on it that its visitor did not see, and nothing been asked of another host.</summary>
public sealed class Visit : IAsyncDisposable
{
    readonly IBrowserContext _context;
    readonly Uri _server;
    readonly List<string> _faults = [];

    public Visit(IBrowserContext context, IPage page, Uri server)
    {
        (_context, Page, _server) = (context, page, server);
        page.Console += (_, message) => Note(message.Type is "error" or "warning" && !message.Text.Contains(ExpectedFault ?? "\0", StringComparison.Ordinal), message.Text);
        page.PageError += (_, error) => Note(true, error);
        page.Request += (_, request) => Note(new Uri(request.Url) is { Scheme: "http" or "https" } address && address.Authority != server.Authority, request.Url);
    }

    public IPage Page { get; }

    /// <summary>What a fault that is provoked has in its text; Chromium notes each answer of 400 and above.</summary>
    public string? ExpectedFault { get; set; }

    public async Task GoAsync(string view, string title)
    {
        await Page.GotoAsync(new Uri(_server, $"/#/{view}").AbsoluteUri);
        await Assertions.Expect(Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync(title);
    }

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    public ILocator Field(string name) => Page.GetByLabel(name, new() { Exact = true });

    public ILocator Status => Page.Locator(".status");

    /// <summary>The request that is shown, in a language.</summary>
    public async Task<string> RequestAsync(string language)
    {
        var panel = Page.Locator("details.request");
        await panel.EvaluateAsync("panel => panel.open = true");
        await panel.GetByRole(AriaRole.Button, new() { Name = language, Exact = true }).ClickAsync();
        return await panel.Locator("code").InnerTextAsync();
    }

    /// <summary>Takes a picture that the documentation has anew, when snapshots are to be written.</summary>
    public async Task PictureAsync(string name)
    {
        var path = Path.Combine(Repository(), "docs", "images", $"{name}.png");
        if (Environment.GetEnvironmentVariable("RNN_WRITE_SNAPSHOTS") == "1" && File.Exists(path))
        {
            await Page.EvaluateAsync("() => { document.activeElement.blur(); scrollTo(0, 0); }");
            await Page.ScreenshotAsync(new() { Path = path, FullPage = true });
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _context.DisposeAsync();
        Assert.Empty(_faults);
    }

    static string Repository([CallerFilePath] string path = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "../../.."));

    void Note(bool isFault, string text)
    {
        if (isFault)
        {
            _faults.Add(text);
        }
    }
}
