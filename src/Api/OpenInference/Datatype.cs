using System.Collections.Frozen;

namespace Rnn.Api.OpenInference;

/// <summary>What the elements of a tensor are, by the protocol's names.</summary>
/// <param name="Name">Such as <c>FP32</c>.</param>
/// <param name="Size">The bytes of an element; 0 if each has a length of its own.</param>
sealed record Datatype(string Name, int Size)
{
    public static readonly Datatype Bool = new("BOOL", 1);
    public static readonly Datatype UInt8 = new("UINT8", 1);
    public static readonly Datatype UInt16 = new("UINT16", 2);
    public static readonly Datatype UInt32 = new("UINT32", 4);
    public static readonly Datatype UInt64 = new("UINT64", 8);
    public static readonly Datatype Int8 = new("INT8", 1);
    public static readonly Datatype Int16 = new("INT16", 2);
    public static readonly Datatype Int32 = new("INT32", 4);
    public static readonly Datatype Int64 = new("INT64", 8);
    public static readonly Datatype Fp16 = new("FP16", 2);
    public static readonly Datatype Fp32 = new("FP32", 4);
    public static readonly Datatype Fp64 = new("FP64", 8);
    public static readonly Datatype Bf16 = new("BF16", 2);
    public static readonly Datatype Bytes = new("BYTES", 0);

    static readonly FrozenDictionary<string, Datatype> ByName =
        new[] { Bool, UInt8, UInt16, UInt32, UInt64, Int8, Int16, Int32, Int64, Fp16, Fp32, Fp64, Bf16, Bytes }
            .ToFrozenDictionary(datatype => datatype.Name, StringComparer.Ordinal);

    /// <summary>Whether elements are whole numbers.</summary>
    public bool IsInteger => Name.StartsWith("INT", StringComparison.Ordinal) || Name.StartsWith("UINT", StringComparison.Ordinal);

    /// <summary>Whether there is no way to write elements in JSON: floats of 16 bits go as bytes only.</summary>
    public bool IsBinaryOnly => this == Fp16 || this == Bf16;

    /// <summary>The datatype of that name; null if there is none.</summary>
    public static Datatype? Find(string name) => ByName.GetValueOrDefault(name);

    /// <inheritdoc/>
    public override string ToString() => Name;
}
