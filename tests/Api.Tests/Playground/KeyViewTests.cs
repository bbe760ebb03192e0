using Microsoft.Playwright;
using Rnn.Api.Tests.Security;

namespace Rnn.Api.Tests.Playground;

/// <summary>The playground of a server that asks for a key.</summary>
public sealed class KeyViewTests : IAsyncLifetime
{
    readonly Browser _browser = new(Keys.Application());

    public ValueTask InitializeAsync() => _browser.InitializeAsync();

    [Fact]
    public async Task It_asks_for_a_key_in_words_and_goes_on_with_it()
    {
        await using var visit = await _browser.NewAsync();
        visit.ExpectedFault = "401";
        await visit.Page.GotoAsync(new Uri(_browser.Client.BaseAddress!, "/#/labels?model=names").AbsoluteUri);
        await Assertions.Expect(visit.Page.GetByText("This server asks for a key.")).ToBeVisibleAsync();

        await visit.Field("Key").FillAsync(Keys.Narrow);
        await visit.Button("Use this key").ClickAsync();

        await Assertions.Expect(visit.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Labels");
    }

    [Fact]
    public async Task A_link_brings_the_key_which_is_shown_nowhere()
    {
        await using var visit = await _browser.NewAsync();
        await visit.Page.GotoAsync(new Uri(_browser.Client.BaseAddress!, $"/#key={Keys.Alice}").AbsoluteUri);
        await Assertions.Expect(visit.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("See the network think");

        Assert.DoesNotContain(Keys.Alice, visit.Page.Url, StringComparison.Ordinal);
        await visit.GoAsync("labels?model=names", "Labels");
        foreach (var language in new[] { "curl", "C#", "Python", "JavaScript" })
        {
            var request = await visit.RequestAsync(language);
            Assert.Contains("Bearer", request, StringComparison.Ordinal);
            Assert.Contains("YOUR_KEY", request, StringComparison.Ordinal);
            Assert.DoesNotContain(Keys.Alice, request, StringComparison.Ordinal);
        }
    }

    public ValueTask DisposeAsync() => _browser.DisposeAsync();
}
