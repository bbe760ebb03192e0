using System.Text.Json.Serialization;

namespace Rnn.Engine.Codecs;

/// <summary>How a value in the user's unit becomes what the network was trained on, and back.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(StandardScaling), "standard")]
[JsonDerivedType(typeof(RangeScaling), "range")]
[JsonDerivedType(typeof(LogScaling), "log")]
[JsonDerivedType(typeof(CyclicScaling), "cyclic")]
public abstract record Scaling
{
    /// <summary>How many network inputs one value becomes.</summary>
    [JsonIgnore]
    public virtual int Width => 1;

    /// <summary>Whether a network's output can be turned back into a value.</summary>
    [JsonIgnore]
    public virtual bool IsInvertible => true;

    /// <summary>Writes the network's inputs, <see cref="Width"/> of them.</summary>
    public abstract void Scale(double value, Span<float> inputs);

    /// <summary>The value in the user's unit that a network's output stands for.</summary>
    public abstract double Unscale(double output);
}

/// <summary>(x - mean) / deviation.</summary>
public sealed record StandardScaling(double Mean, double Deviation) : Scaling
{
    /// <inheritdoc/>
    public override void Scale(double value, Span<float> inputs) => inputs[0] = (float)((value - Mean) / Deviation);

    /// <inheritdoc/>
    public override double Unscale(double output) => output * Deviation + Mean;
}

/// <summary>(x - minimum) / (maximum - minimum).</summary>
public sealed record RangeScaling(double Minimum, double Maximum) : Scaling
{
    /// <inheritdoc/>
    public override void Scale(double value, Span<float> inputs) =>
        inputs[0] = (float)((value - Minimum) / (Maximum - Minimum));

    /// <inheritdoc/>
    public override double Unscale(double output) => output * (Maximum - Minimum) + Minimum;
}

/// <summary>(log(1 + x) - mean) / deviation, for amounts above -1 that spread over orders of magnitude.</summary>
public sealed record LogScaling(double Mean, double Deviation) : Scaling
{
    /// <inheritdoc/>
    public override void Scale(double value, Span<float> inputs) =>
        inputs[0] = (float)((Math.Log(1 + value) - Mean) / Deviation);

    /// <inheritdoc/>
    public override double Unscale(double output) => Math.Exp(output * Deviation + Mean) - 1;
}

/// <summary>The point on a circle, (sin, cos) of 2 pi x / period: hour 23 is next to hour 0.</summary>
public sealed record CyclicScaling(double Period) : Scaling
{
    /// <inheritdoc/>
    public override int Width => 2;

    /// <inheritdoc/>
    public override bool IsInvertible => false;

    /// <inheritdoc/>
    public override void Scale(double value, Span<float> inputs)
    {
        var (sin, cos) = Math.SinCos(2 * Math.PI * value / Period);
        inputs[0] = (float)sin;
        inputs[1] = (float)cos;
    }

    /// <inheritdoc/>
    public override double Unscale(double output) =>
        throw new NotSupportedException("A cyclic value has two outputs. The loader refuses such a head; this is a bug.");
}
