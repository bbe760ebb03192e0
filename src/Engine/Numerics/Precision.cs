using System.Text.Json.Serialization;

namespace Rnn.Engine.Numerics;

/// <summary>How weights lie in memory. State, sums and activations are float32 in all of them.</summary>
public enum Precision
{
    /// <summary>As they are.</summary>
    [JsonStringEnumMemberName("float32")]
    Float32,

    /// <summary>The upper half of a float32, rounded to the nearest even: half the memory to read, 8 bits of mantissa.</summary>
    [JsonStringEnumMemberName("bf16")]
    Bf16,

    /// <summary>
    /// 8-bit whole numbers with a scale for each output; inputs are quantised too, with a scale for each row of each product: a
    /// quarter of the memory to read, and the quickest for batches.
    /// </summary>
    [JsonStringEnumMemberName("int8")]
    Int8,
}
