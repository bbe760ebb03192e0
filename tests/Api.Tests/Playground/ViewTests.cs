using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Rnn.Api.Tests.Playground;

/// <summary>The views of the playground, used as a person would.</summary>
public sealed class ViewTests(Browser browser) : IClassFixture<Browser>
{
    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_models_are_drawn_and_lead_to_the_views_that_they_are_for()
    {
        await using var visit = await browser.OpenAsync("", "See the network think");
        var models = await RnnApplication.GetAsync(browser.Client, "/api/v1/models");
        await Expect(visit.Page.Locator(".card")).ToHaveCountAsync(models.AsArray().Count);

        var austen = visit.Page.Locator(".card", new() { Has = visit.Page.GetByRole(AriaRole.Heading, new() { Name = "austen" }) });
        await Expect(austen.GetByRole(AriaRole.Img)).ToHaveAttributeAsync("aria-label", new Regex("LSTM × 2, 256 units"));
        await Expect(austen).ToContainTextAsync("844,971");
        await Expect(austen).ToContainTextAsync("4 KiB");
        await austen.GetByRole(AriaRole.Link, new() { Name = "Write with it" }).ClickAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Text");

        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "API reference" }).ClickAsync();
        await Expect(visit.Page.GetByText("Apply a model once").First).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_link_within_the_page_that_is_opened_first_shows_the_models()
    {
        await using var visit = await browser.NewAsync();
        await visit.Page.GotoAsync(new Uri(browser.Client.BaseAddress!, "/#view").AbsoluteUri);

        await Expect(visit.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("See the network think");
    }

    [Fact]
    public async Task A_text_is_written_coloured_looked_into_and_branched()
    {
        await using var visit = await browser.OpenAsync("text?model=austen", "Text");
        await visit.Field("Begin with").FillAsync("\"I am all astonishment,\" said Elizabeth. \"");
        await visit.Field("Length").FillAsync("120");
        await visit.Page.GetByText("More ways to draw").ClickAsync();
        await visit.Field("Seed").FillAsync("5");
        await visit.Button("Write").ClickAsync();
        await Expect(visit.Status).ToContainTextAsync("162 characters");

        // What is seen is what the same request gives a program.
        var plain = await RnnApplication.PostAsync(browser.Client, "/api/v1/models/austen/generate", new { text = "\"I am all astonishment,\" said Elizabeth. \"", maxLength = 120, temperature = 0.6, seed = 5, echo = true });
        var text = visit.Page.GetByRole(AriaRole.Listbox).First;
        Assert.Equal((string)plain["text"]!, await text.EvaluateAsync<string>("text => text.textContent"));
        await Expect(visit.Page.Locator(".summary")).ToContainTextAsync("Forget gate");

        // A unit that follows quoted speech colours it one way and the rest another.
        await visit.Field("Which units follow").SelectOptionAsync("quotations");
        await visit.Button("Find").ClickAsync();
        await Expect(visit.Page.Locator(".chips button")).ToHaveCountAsync(8);
        var unit = (await visit.Page.Locator(".chips button").First.InnerTextAsync()).Split(' ')[2];
        await Expect(visit.Field("Coloured by unit")).ToHaveValueAsync(unit);
        Assert.NotEqual(await ColourAsync(text, 8), await ColourAsync(text, 30));

        // What else could have come, and a text that goes on with it.
        await text.Locator("[role=option]").Nth(60).ClickAsync();
        var inspector = visit.Page.Locator(".inspector");
        await Expect(inspector).ToContainTextAsync("at 61, probability");
        await Expect(inspector.GetByRole(AriaRole.Listitem)).ToHaveCountAsync(8);
        var before = await ColourAsync(text, 58);
        await visit.Button("What led to it").ClickAsync();
        await Expect(visit.Status).ToContainTextAsync("What speaks for");
        Assert.NotEqual(before, await ColourAsync(text, 58));
        var alternative = await inspector.Locator("li button:not(.taken)").First.InnerTextAsync();
        await inspector.Locator("li button:not(.taken)").First.ClickAsync();
        await Expect(visit.Page.Locator(".writing")).ToHaveCountAsync(2);
        await Expect(visit.Status).ToContainTextAsync("characters");
        await Expect(visit.Page.GetByRole(AriaRole.Listbox).Last.Locator("[role=option]")).ToHaveCountAsync(181);
        var branch = await visit.Page.GetByRole(AriaRole.Listbox).Last.EvaluateAsync<string>("text => text.textContent");
        Assert.Equal(((string)plain["text"]!)[..60] + alternative.Replace('␣', ' ').Replace('↵', '\n'), branch[..61]);
        Assert.Contains("/fork", await SessionPathsAsync(visit), StringComparison.Ordinal);

        await visit.Button("Forget gate").ClickAsync();
        await Expect(visit.Button("Forget gate")).ToHaveAttributeAsync("aria-pressed", "true");
    }

    [Fact]
    public async Task A_text_is_walked_by_keyboard_and_its_map_too()
    {
        await using var visit = await browser.OpenAsync("text", "Text");
        await visit.Field("Length").FillAsync("20");
        await visit.Button("Write").PressAsync("Enter");
        await Expect(visit.Status).ToContainTextAsync("characters");
        await Expect(visit.Page.Locator(".chips button").First).ToBeVisibleAsync();

        var text = visit.Page.GetByRole(AriaRole.Listbox);
        await text.FocusAsync();
        await text.PressAsync("ArrowDown");
        await text.PressAsync("ArrowRight");
        await Expect(visit.Page.Locator(".inspector h3")).ToContainTextAsync("at 22");
        await visit.Field("Coloured by unit").FillAsync("7");
        await visit.Field("Coloured by unit").PressAsync("Enter");

        var map = visit.Page.Locator(".heatmap canvas");
        await map.FocusAsync();
        await map.PressAsync("ArrowDown");
        await map.PressAsync("ArrowRight");
        await Expect(visit.Field("Coloured by unit")).ToHaveValueAsync("8");
        await Expect(visit.Page.Locator(".readout")).ToContainTextAsync("at 23 · unit 8");
    }

    [Fact]
    public async Task The_request_that_is_shown_does_the_same_elsewhere()
    {
        await using var visit = await browser.OpenAsync("labels?model=names", "Labels");
        await visit.Field("Input").FillAsync("O'Brien");
        await Expect(visit.Page.Locator(".verdict")).ToContainTextAsync("Irish");

        Assert.Contains("Content = new StringContent(\"\"\"", await visit.RequestAsync("C#"), StringComparison.Ordinal);
        var script = await visit.RequestAsync("JavaScript");
        var reply = await visit.Page.EvaluateAsync<string>($$"""async () => { let told; const console = { log: value => told = JSON.stringify(value) }; {{script}} return told; }""");
        Assert.Equal("Irish", (string)JsonNode.Parse(reply)!["output"]!["label"]!);
    }

    [Theory]
    [InlineData("curl", "bash")]
    [InlineData("Python", "python3")]
    public async Task The_request_that_is_shown_runs_in_a_shell(string language, string program)
    {
        await using var visit = await browser.OpenAsync("labels?model=names", "Labels");
        await visit.Field("Input").FillAsync("O'Brien");
        await Expect(visit.Page.Locator(".verdict")).ToContainTextAsync("Irish");

        Assert.Contains("Irish", await OutputAsync(program, await visit.RequestAsync(language)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_series_is_watched_marked_and_forecast()
    {
        await using var visit = await browser.OpenAsync("series?model=monitor", "Time series");
        await Expect(visit.Page.GetByText("540 rows.")).ToBeVisibleAsync();
        await visit.Button("Watch").ClickAsync();
        await Expect(visit.Status).ToHaveTextAsync("Watched 516 rows, forecast 24.", new() { Timeout = 60_000 });

        await Expect(visit.Page.Locator(".chips button")).ToHaveCountAsync(2);
        await Expect(visit.Page.Locator(".chips")).ToContainTextAsync("18.3. 22:41");
        await visit.Field("Mark anomalies above").SelectOptionAsync("0.9");
        await Expect(visit.Page.Locator(".chips button")).Not.ToHaveCountAsync(2);
        Assert.Contains("\"horizon\": 24", await visit.RequestAsync("curl"), StringComparison.Ordinal);

        // Zoomed to the anomaly, and read off by keyboard.
        await visit.Field("Mark anomalies above").SelectOptionAsync("0.99");
        await visit.Page.Locator(".chips button").Last.ClickAsync();
        await Expect(visit.Page.Locator(".readout")).ToContainTextAsync("18.3. 22:41 · observed 99.25");
        await visit.Page.Locator(".chart canvas").First.FocusAsync();
        await visit.Page.Keyboard.PressAsync("ArrowRight");
        await Expect(visit.Page.Locator(".readout")).ToContainTextAsync("18.3. 22:46");
    }

    [Fact]
    public async Task A_series_of_ones_own_is_read_and_what_is_wrong_with_it_said()
    {
        await using var visit = await browser.OpenAsync("series?model=air", "Time series");
        await visit.Page.GetByText("Your own series").ClickAsync();
        var paste = visit.Field("Paste a table");
        await paste.FillAsync("timestamp,pm25\n2020-01-01T00:00:00,5\n");
        await paste.BlurAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("no column temperature, dewPoint, pressure, cumulatedWindSpeed");

        await visit.Field("Model").SelectOptionAsync("monitor");
        await paste.FillAsync("load\n1\n2\nthree\n");
        await paste.BlurAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Line 4, load: “three” is not a number.");

        await visit.Page.Locator("input[type=file]").SetInputFilesAsync(new FilePayload
        {
            Name = "load.csv",
            MimeType = "text/csv",
            Buffer = [.. "time;load\n"u8, .. System.Text.Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 60).Select(row => string.Create(CultureInfo.InvariantCulture, $"2026-01-01T{row / 60:00}:{row % 60:00}:00;{10 + row % 5}\n"))))],
        });
        await Expect(visit.Page.GetByText("60 rows. load.csv")).ToBeVisibleAsync();
        await visit.Button("Watch").ClickAsync();
        await Expect(visit.Status).ToHaveTextAsync("Watched 36 rows, forecast 24.", new() { Timeout = 30_000 });
    }

    [Fact]
    public async Task Labels_evolve_with_what_is_typed()
    {
        await using var visit = await browser.OpenAsync("labels", "Labels");
        await Expect(visit.Page.Locator(".evolution thead th")).ToHaveCountAsync("Nakamura".Length);
        await Expect(visit.Page.Locator(".evolution tbody tr").First).ToContainTextAsync("Japanese");

        await Expect(visit.Page.Locator(".attributed")).ToContainTextAsync("What speaks for Japanese");
        await Expect(visit.Page.Locator(".attributed span")).ToHaveCountAsync("Nakamura".Length);

        await visit.Field("Model").SelectOptionAsync("tags");
        await Expect(visit.Page.Locator(".tagged > li")).ToHaveCountAsync(9);
        await Expect(visit.Page.Locator(".tagged > li").First).ToContainTextAsync("PRON");
        await visit.Field("Input").FillAsync("");
        await Expect(visit.Page.GetByText("Nothing is typed yet.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_decoder_shows_where_it_looks()
    {
        await using var visit = await browser.OpenAsync("attention", "Attention");
        await Expect(visit.Page.Locator(".verdict")).ToHaveTextAsync("2021-03-05");
        await Expect(visit.Page.Locator(".attention tbody tr")).ToHaveCountAsync(10);
        await Expect(visit.Page.Locator(".attention thead th")).ToHaveCountAsync("friday, march 5th, 2021".Length);
        await visit.Button("31.12.99").ClickAsync();
        await Expect(visit.Page.Locator(".verdict")).ToHaveTextAsync("1999-12-31");
        await visit.Page.Locator(".attention tbody td").First.HoverAsync();
        await Expect(visit.Page.Locator(".readout")).ToContainTextAsync("“1” looks at “3”");
        await visit.Button("Friday, march 5th, 2021").ClickAsync();
        await Expect(visit.Page.Locator(".verdict")).ToHaveTextAsync("2021-03-05");
    }

    [Fact]
    public async Task A_session_is_stepped_rewound_forked_exported_and_brought_back()
    {
        await using var visit = await browser.OpenAsync("sessions?model=austen", "Sessions");
        var id = $"browser-{Guid.NewGuid():N}";
        await visit.Field("ID").FillAsync(id);
        await visit.Button("Create").ClickAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Heading, new() { Name = id })).ToBeVisibleAsync();
        await visit.Field("Read on").FillAsync("Emma was ");
        await visit.Button("Step").ClickAsync();
        await Expect(visit.Page.Locator("output.verdict")).ToContainTextAsync("%");
        await Expect(visit.Page.Locator(".stripes figure")).ToHaveCountAsync(4);

        await visit.Page.GetByRole(AriaRole.Slider).FillAsync("4");
        await Expect(visit.Page.Locator(".stripes")).ToContainTextAsync("At step 4.");
        await visit.Button("Rewind to it").ClickAsync();
        await Expect(visit.Page.Locator(".facts")).ToContainTextAsync("Step4");
        Assert.Equal(4, (int)(await RnnApplication.GetAsync(browser.Client, $"/api/v1/sessions/{id}"))["step"]!);

        var download = await visit.Page.RunAndWaitForDownloadAsync(() => visit.Button("Export").ClickAsync());
        await visit.Button("Fork").ClickAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Heading, new() { Name = id })).Not.ToBeVisibleAsync();
        await Expect(visit.Page.Locator(".facts")).ToContainTextAsync("Step4");
        await visit.Button("End").ClickAsync();
        await Expect(visit.Status).ToContainTextAsync("has ended");

        await visit.Page.Locator("input[type=file]").SetInputFilesAsync(new FilePayload { Name = "emma.state", MimeType = "application/octet-stream", Buffer = await File.ReadAllBytesAsync(await download.PathAsync(), Aborted) });
        await Expect(visit.Status).ToContainTextAsync("emma.state goes on as");
        await Expect(visit.Page.Locator(".facts")).ToContainTextAsync("Step4");

        visit.ExpectedFault = "Failed to load resource";
        await visit.Page.Locator("input[type=file]").SetInputFilesAsync(new FilePayload { Name = "x.state", MimeType = "application/octet-stream", Buffer = [1, 2, 3] });
        await Expect(visit.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("That did not work.");
    }

    static Task<string> ColourAsync(ILocator text, int index) => text.EvaluateAsync<string>("(text, index) => text.children[index].style.backgroundColor", index);

    static Task<string> SessionPathsAsync(Visit visit) =>
        visit.Page.EvaluateAsync<string>("() => performance.getEntriesByType('resource').map(entry => entry.name).join(' ')");

    static async Task<string> OutputAsync(string program, string text)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, ["-c", text]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var (output, error) = (process.StandardOutput.ReadToEndAsync(Aborted), process.StandardError.ReadToEndAsync(Aborted));
            await process.WaitForExitAsync(Aborted);
            Assert.True(process.ExitCode == 0, $"{text}\n{await error}");
            return await output;
        }
        catch (Win32Exception)
        {
            Assert.Skip($"{program} is not installed.");
            throw;
        }
    }
}
