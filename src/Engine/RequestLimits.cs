using System.ComponentModel.DataAnnotations;

namespace Rnn.Engine;

/// <summary>How much one call may ask for.</summary>
public sealed class RequestLimits
{
    /// <summary>Most timesteps that one call may give as input.</summary>
    [Range(1, 1_000_000)]
    public int MaxTimesteps { get; init; } = 65_536;

    /// <summary>Most timesteps that one call may generate.</summary>
    [Range(1, 1_000_000)]
    public int MaxGeneratedLength { get; init; } = 4_096;

    /// <summary>Most timesteps that one call may generate in all, if it asks for several generations or beams.</summary>
    [Range(1, 100_000_000)]
    public int MaxGeneratedInAll { get; init; } = 65_536;

    /// <summary>Most numbers that a trace may hold.</summary>
    [Range(1, 100_000_000)]
    public int MaxTracedNumbers { get; init; } = 4_194_304;

    /// <summary>Most numbers that the output tensors of one call may hold.</summary>
    [Range(1, 100_000_000)]
    public int MaxOutputNumbers { get; init; } = 4_194_304;

    /// <summary>Most stop strings of one call.</summary>
    [Range(0, 1_000)]
    public int MaxStopStrings { get; init; } = 16;

    /// <summary>Most characters of a stop string.</summary>
    [Range(1, 10_000)]
    public int MaxStopLength { get; init; } = 256;
}
