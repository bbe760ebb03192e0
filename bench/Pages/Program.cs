using System.Globalization;
using Microsoft.Playwright;

// The playground of a running server in Chromium: its first paint, and how long frames take while 2,000 timesteps of 512 units are scrolled and zoomed.
// dotnet run -c Release --project bench/Pages -- http://localhost:8080 /usr/bin/chromium

const int Visits = 15;
var (server, chromium) = (args.ElementAtOrDefault(0) ?? "http://localhost:8080", args.ElementAtOrDefault(1) ?? "/usr/bin/chromium");

using var playwright = await Playwright.CreateAsync();
// Frames as fast as they are made: with the screen's rate as the limit, a fast one and a slow one take the same.
await using var browser = await playwright.Chromium.LaunchAsync(new()
{
    ExecutablePath = chromium,
    Args = ["--no-sandbox", "--disable-frame-rate-limit", "--disable-gpu-vsync"],
});
Console.WriteLine($"Chromium {browser.Version}, {Environment.ProcessorCount} cores");

var (paints, bytes) = (new List<double>(), 0.0);
for (var visit = 0; visit < Visits; visit++)
{
    await using var context = await browser.NewContextAsync(new() { ViewportSize = new() { Width = 1440, Height = 900 } });
    var page = await context.NewPageAsync();
    await page.GotoAsync(server);
    await page.Locator(".card").First.WaitForAsync();
    paints.Add(await page.EvaluateAsync<double>("() => performance.getEntriesByName('first-contentful-paint')[0].startTime"));
    bytes = await page.EvaluateAsync<double>("() => performance.getEntriesByType('navigation').concat(performance.getEntriesByType('resource')).reduce((sum, entry) => sum + entry.transferSize, 0)");
}

Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"first contentful paint: median {Median(paints):0} ms of {Visits}; {bytes / 1024:0} KiB loaded"));

var map = await browser.NewPageAsync(new() { ViewportSize = new() { Width = 1440, Height = 900 } });
await map.GotoAsync(server);
var told = await map.EvaluateAsync<double[][]>("""
    async () => {
      const { Heatmap } = await import('/lib/heatmap.js');
      const map = new Heatmap({ label: 'Benchmark', height: 512 });
      document.getElementById('view').replaceChildren(map.element);
      const rows = Array.from({ length: 2000 }, (_, t) => Float32Array.from({ length: 512 }, (_, unit) => Math.sin(t / (3 + unit % 29) + unit)));
      const began = performance.now();
      map.show(rows);
      const shown = performance.now() - began;
      map.zoom(8);
      const frames = [];
      let before = await new Promise(requestAnimationFrame);
      for (let frame = 0; frame < 600; frame++) {
        map.scrollTo(frame * 3 % 1900);
        if (frame % 100 === 99) {
          map.zoom(frame % 200 === 99 ? 0.5 : 2);
        }

        const now = await new Promise(requestAnimationFrame);
        frames.push(now - before);
        before = now;
      }

      return [[shown], frames];
    }
    """);
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"2,000 x 512 painted in {told[0][0]:0} ms; {told[1].Length} frames: median {Median(told[1]):0.0} ms, 99th of a hundred {told[1].Order().ElementAt((int)(0.99 * told[1].Length)):0.0} ms"));

static double Median(IEnumerable<double> values) => values.Order().ElementAt(values.Count() / 2);
