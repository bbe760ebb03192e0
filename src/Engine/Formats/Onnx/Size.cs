namespace Rnn.Engine.Formats.Onnx;

/// <summary>
/// An integer that a graph computes: offset + factor * product of sizes that only an input decides. Exporters build the shapes
/// of states and of reshapes from such numbers.
/// </summary>
/// <param name="Offset">The part that is known.</param>
/// <param name="Factor">How many times the product; 0 if the number is known.</param>
/// <param name="Powers">The power of each symbol in the product, four bits each; 0 if the number is known.</param>
readonly record struct Size(long Offset, long Factor, ulong Powers)
{
    const int MaxSymbols = 16;

    /// <summary>A symbol: the size of one dimension of an input.</summary>
    public static Size Symbol(int index) => new(0, 1, 1UL << (4 * (index % MaxSymbols)));

    /// <summary>Whether nothing of it depends on an input.</summary>
    public bool IsKnown => Factor == 0;

    /// <summary>Whether it is this number.</summary>
    public bool Is(long value) => IsKnown && Offset == value;

    public static implicit operator Size(long value) => new(value, 0, 0);

    /// <summary>The sum, or null if it is no such number.</summary>
    public static Size? Add(Size a, Size b)
    {
        if (!Fits((Int128)a.Offset + b.Offset) || !Fits((Int128)a.Factor + b.Factor) || (!a.IsKnown && !b.IsKnown && a.Powers != b.Powers))
        {
            return null;
        }

        return Normal(a.Offset + b.Offset, a.Factor + b.Factor, a.IsKnown ? b.Powers : a.Powers);
    }

    /// <summary>The product, or null if it is no such number.</summary>
    public static Size? Multiply(Size a, Size b)
    {
        if (b.IsKnown)
        {
            (a, b) = (b, a);
        }

        if (a.IsKnown)
        {
            return Fits((Int128)a.Offset * b.Offset) && Fits((Int128)a.Offset * b.Factor)
                ? Normal(a.Offset * b.Offset, a.Offset * b.Factor, b.Powers)
                : null;
        }

        if (a.Offset != 0 || b.Offset != 0 || !Fits((Int128)a.Factor * b.Factor))
        {
            return null;
        }

        for (var shift = 0; shift < 64; shift += 4)
        {
            if (((a.Powers >> shift) & 15) + ((b.Powers >> shift) & 15) > 15)
            {
                return null;
            }
        }

        return new Size(0, a.Factor * b.Factor, a.Powers + b.Powers);
    }

    /// <summary>The quotient without remainder, or null if there is none.</summary>
    public static Size? Divide(Size a, Size b)
    {
        if (b.IsKnown)
        {
            return b.Offset > 0 && a.Offset >= 0 && a.Factor >= 0 && a.Factor % b.Offset == 0 && (a.IsKnown || a.Offset % b.Offset == 0)
                ? Normal(a.Offset / b.Offset, a.Factor / b.Offset, a.Powers)
                : null;
        }

        if (a.IsKnown || a.Offset != 0 || b.Offset != 0 || a.Factor % b.Factor != 0)
        {
            return null;
        }

        for (var shift = 0; shift < 64; shift += 4)
        {
            if (((a.Powers >> shift) & 15) < ((b.Powers >> shift) & 15))
            {
                return null;
            }
        }

        return Normal(a.Powers == b.Powers ? a.Factor / b.Factor : 0, a.Powers == b.Powers ? 0 : a.Factor / b.Factor, a.Powers - b.Powers);
    }

    /// <inheritdoc/>
    public override string ToString() => IsKnown ? $"{Offset}" : "?";

    static Size Normal(long offset, long factor, ulong powers) => new(offset, factor, factor == 0 ? 0 : powers);

    static bool Fits(Int128 value) => value >= long.MinValue && value <= long.MaxValue;
}
