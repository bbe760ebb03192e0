using Rnn.Engine.Numerics;

namespace Rnn.Engine.Tests.Layers;

/// <summary>The cells in plain loops over doubles: the definition that the layers are compared with.</summary>
static class PlainCells
{
    public static double[] Product(float[] weights, double[] x) =>
        [.. weights.Chunk(x.Length).Select(row => row.Zip(x, (w, value) => w * value).Sum())];

    public static double Apply(Activation activation, double x) => activation.Kind switch
    {
        ActivationKind.None => x,
        ActivationKind.Relu => Math.Max(0, x),
        ActivationKind.Tanh => Math.Tanh(x),
        ActivationKind.Sigmoid => 1 / (1 + Math.Exp(-x)),
        ActivationKind.HardSigmoid => Math.Clamp((activation.Alpha ?? 0.2) * x + (activation.Beta ?? 0.5), 0, 1),
        ActivationKind.Softsign => x / (1 + Math.Abs(x)),
        ActivationKind.Elu => x > 0 ? x : (activation.Alpha ?? 1) * (Math.Exp(x) - 1),
        _ => throw new ArgumentOutOfRangeException(nameof(activation)),
    };

    public static double Clip(double x, double limit) => limit > 0 ? Math.Clamp(x, -limit, limit) : x;

    /// <summary>One timestep of an LSTM; p is empty without peepholes, <paramref name="wHr"/> without a projection.</summary>
    public static void Lstm(
        double[] z, ref double[] h, ref double[] c, float[] wHh, float[] p, float[] wHr, bool inputForget, double limit,
        Activation gate, Activation candidate, Activation output)
    {
        var hidden = c.Length;
        var sums = z.Zip(Product(wHh, h), (a, b) => a + b).ToArray();
        double Peephole(int index, int unit, double[] cell) => p.Length > 0 ? p[index * hidden + unit] * cell[unit] : 0;
        var (before, after, exposed) = (c, new double[hidden], new double[hidden]);
        for (var unit = 0; unit < hidden; unit++)
        {
            var i = Apply(gate, Clip(sums[unit] + Peephole(0, unit, before), limit));
            var f = inputForget ? 1 - i : Apply(gate, Clip(sums[hidden + unit] + Peephole(1, unit, before), limit));
            var g = Apply(candidate, Clip(sums[2 * hidden + unit], limit));
            after[unit] = f * before[unit] + i * g;
            var o = Apply(gate, Clip(sums[3 * hidden + unit] + Peephole(2, unit, after), limit));
            exposed[unit] = o * Apply(output, Clip(after[unit], limit));
        }

        (c, h) = (after, wHr.Length > 0 ? Product(wHr, exposed) : exposed);
    }

    /// <summary>One timestep of a GRU.</summary>
    public static double[] Gru(
        double[] z, double[] h, float[] wHh, float[] bHh, bool resetAfter, double limit, Activation gate, Activation candidate)
    {
        var hidden = h.Length;
        var block = hidden * hidden;
        var recurrent = Product(wHh, h).Select((sum, row) => sum + (bHh.Length > 0 ? bHh[row] : 0)).ToArray();
        var r = h.Select((_, unit) => Apply(gate, Clip(z[unit] + recurrent[unit], limit))).ToArray();
        var update = h.Select((_, unit) => Apply(gate, Clip(z[hidden + unit] + recurrent[hidden + unit], limit))).ToArray();
        var reset = Product(wHh[(2 * block)..], [.. h.Zip(r, (a, b) => a * b)]);
        return [.. h.Select((value, unit) =>
        {
            var row = 2 * hidden + unit;
            var sum = resetAfter ? r[unit] * recurrent[row] : reset[unit] + (bHh.Length > 0 ? bHh[row] : 0);
            return (1 - update[unit]) * Apply(candidate, Clip(z[row] + sum, limit)) + update[unit] * value;
        })];
    }
}
