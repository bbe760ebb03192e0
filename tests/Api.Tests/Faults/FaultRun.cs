using System.Globalization;

namespace Rnn.Api.Tests.Faults;

/// <summary>Tests that kill, pause and starve real processes: heavy, so one at a time and beside no others.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class FaultRun
{
    public const string Name = "Faults";

    /// <summary>How often a process is killed; RNN_KILLS sets more than the two of a quick run.</summary>
    internal static int Kills { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("RNN_KILLS"), CultureInfo.InvariantCulture, out var kills) ? kills : 2;

    /// <summary>How often a process is stopped: seldom, as it takes its time.</summary>
    internal static int Stops { get; } = Math.Max(1, Kills / 10);

    /// <summary>Whether the run is a long one.</summary>
    internal static bool IsThorough => Kills >= 10;

    /// <summary>Waits for what other processes bring about; for a minute or more, not for ever.</summary>
    /// <param name="isSo">Whether it has come.</param>
    /// <param name="otherwise">What to say if it does not come.</param>
    internal static async Task UntilAsync(Func<bool> isSo, Func<string> otherwise)
    {
        const int Tries = 60_000;
        for (var tries = 0; tries < Tries; tries++)
        {
            if (isSo())
            {
                return;
            }

            await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        Assert.Fail(otherwise());
    }

    /// <summary>Writes figures to the test's output.</summary>
    internal static void Tell(string figures) => TestContext.Current.TestOutputHelper?.WriteLine(figures);
}
