using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Rnn.Engine.Telemetry;

namespace Rnn.Api.Tests.Observability;

public sealed partial class DocumentedMetricsTests
{
    [Fact]
    public void The_docs_list_the_instruments_that_there_are()
    {
        using var meter = new Meter("test");
        var instruments = new List<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter == meter)
                {
                    instruments.Add($"| `{instrument.Name}` | `{instrument.Unit}` | {instrument.Description!.TrimEnd('.')} |");
                }
            },
        };
        new EngineMetrics(meter).ObserveSessions("memory", () => (0, 0));
        listener.Start();

        Assert.Equal(instruments.Order(StringComparer.Ordinal), Rows().Matches(File.ReadAllText(DocsPath())).Select(row => row.Value).Order(StringComparer.Ordinal));
    }

    static string DocsPath([CallerFilePath] string path = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "../../../docs/observability.md"));

    [GeneratedRegex(@"^\| `rnn\.[a-z_.]+` \| `[^`]+` \| [^|]+\|", RegexOptions.Multiline)]
    private static partial Regex Rows();
}
