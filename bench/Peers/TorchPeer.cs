using System.Diagnostics;
using System.Globalization;

namespace Rnn.Bench.Peers;

/// <summary>PyTorch, from Python as its users call it, if Debian's package or another is installed.</summary>
static class TorchPeer
{
    const string Python = "/usr/bin/python3";

    /// <returns>Its version and the median of each work in microseconds; null if there is no PyTorch.</returns>
    public static (string Version, double[] Medians)? Measure(IEnumerable<Work> works)
    {
        var start = new ProcessStartInfo(Python) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "torch_lstm.py"));
        foreach (var work in works)
        {
            start.ArgumentList.Add($"{work.Inputs},{work.Hidden},{work.Layers},{work.Batch},{work.Timesteps}");
        }

        // Set on some machines for others' sake; PyTorch's BLAS then takes the kernels of another processor.
        start.Environment.Remove("OPENBLAS_CORETYPE");
        start.Environment.Remove("OPENBLAS_L2_SIZE");
        if (!File.Exists(Python))
        {
            return null;
        }

        using var python = Process.Start(start)!;
        var lines = python.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        python.WaitForExit();
        return python.ExitCode == 0
            ? (lines[0], [.. lines[1..].Select(line => double.Parse(line, CultureInfo.InvariantCulture))])
            : null;
    }
}
