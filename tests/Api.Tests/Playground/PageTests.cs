using System.Net;

namespace Rnn.Api.Tests.Playground;

/// <summary>The playground's files as they are served.</summary>
public sealed class PageTests(RnnApplication application) : IClassFixture<RnnApplication>
{
    const int MaxBytes = 300 << 10;

    static readonly string Root = Path.Combine(AppContext.BaseDirectory, "wwwroot");

    readonly HttpClient _client = application.CreateClient();

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_may_load_nothing_from_elsewhere_and_run_nothing_inline()
    {
        using var page = await _client.GetAsync(new Uri("/", UriKind.Relative), Aborted);

        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Equal("text/html", page.Content.Headers.ContentType!.MediaType);
        var policy = page.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("default-src 'self'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("style=\"", await page.Content.ReadAsStringAsync(Aborted), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_has_not_changed_is_not_sent_again()
    {
        using var first = await _client.GetAsync(new Uri("/app.js", UriKind.Relative), Aborted);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/app.js") { Headers = { IfNoneMatch = { first.Headers.ETag! } } };
        using var again = await _client.SendAsync(request, Aborted);

        Assert.Equal("text/javascript", first.Content.Headers.ContentType!.MediaType);
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
    }

    [Fact]
    public void All_of_it_weighs_less_than_a_picture()
    {
        var files = Directory.GetFiles(Root, "*", SearchOption.AllDirectories);

        Assert.True(files.Length > 10);
        Assert.InRange(files.Sum(file => new FileInfo(file).Length), 1, MaxBytes);
    }

    [Theory]
    [InlineData("/nothing.js")]
    [InlineData("/../appsettings.json")]
    [InlineData("/appsettings.json")]
    public async Task What_is_not_a_page_is_a_problem(string path)
    {
        using var reply = await _client.GetAsync(new Uri(path, UriKind.Relative), Aborted);

        Assert.Equal(HttpStatusCode.NotFound, reply.StatusCode);
        Assert.Equal("application/problem+json", reply.Content.Headers.ContentType!.MediaType);
    }
}
