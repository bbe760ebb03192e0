using Rnn.Engine.Numerics;

namespace Rnn.Engine.Layers;

/// <summary>
/// Long Short-Term Memory (Hochreiter and Schmidhuber 1997; forget gate: Gers, Schmidhuber and Cummins 2000).
/// <code>
/// i  = sigmoid(W_ii x + W_hi h + b_i)    input gate   [B, H]
/// f  = sigmoid(W_if x + W_hf h + b_f)    forget gate  [B, H]
/// g  = tanh   (W_ig x + W_hg h + b_g)    candidate    [B, H]
/// o  = sigmoid(W_io x + W_ho h + b_o)    output gate  [B, H]
/// c' = f * c + i * g                     cell state   [B, H]
/// h' = o * tanh(c')                      hidden state [B, H]
/// </code>
/// </summary>
/// <param name="name">The layer's name in its model.</param>
/// <param name="wIh">[4H, I] of 4 gates: the rows of i, f, g, o one after the other (PyTorch's order).</param>
/// <param name="wHh">[4H, H], likewise.</param>
/// <param name="bias">[4H]: the sum of the input and the recurrent bias; empty for none.</param>
public sealed class LstmLayer(string name, PackedMatrix wIh, PackedMatrix wHh, float[] bias) : RecurrentLayer(wIh, bias)
{
    /// <inheritdoc/>
    public override int OutputSize => wHh.Units;

    /// <inheritdoc/>
    public override IReadOnlyList<StatePart> StateParts { get; } =
        [new(name, StateKind.Hidden, wHh.Units), new(name, StateKind.Cell, wHh.Units)];

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Advance(int batch, Span<float> z, Span<float> state, Span<float> scratch)
    {
        var width = OutputSize;
        var h = state[..(batch * width)];
        var c = state.Slice(batch * width, batch * width);
        wHh.MultiplyAdd(batch, h, z);                     // W_ih x + b + W_hh h, of all gates
        for (var row = 0; row < batch; row++)
        {
            CellKernel.Apply<Cell>(
                z.Slice(row * ProjectedSize, ProjectedSize), [], h.Slice(row * width, width), c.Slice(row * width, width));
        }

        return h;
    }

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public override (float[] Output, Pullback Back) Differentiate(ReadOnlySpan<float> x, Span<float> state)
    {
        var width = OutputSize;
        float[] c = [.. state[width..]];
        var (sums, _) = AdvanceAlone(x, state);
        var (i, f, g, o) = (Gate(sums, 0, 4, width), Gate(sums, 1, 4, width), Gate(sums, 2, 4, width), Gate(sums, 3, 4, width));
        Sigmoid(i);
        Sigmoid(f);
        Tanh(g);
        Sigmoid(o);
        float[] squashed = [.. state[width..]];            // tanh(c')
        Tanh(squashed);
        return ([.. state[..width]], Back);

        float[] Back(ReadOnlySpan<float> dy, Span<float> dState)
        {
            var dh = dState[..width];
            var dc = dState[width..];
            var dSums = new float[4 * width];
            for (var unit = 0; unit < width; unit++)
            {
                var d = dy[unit] + dh[unit];
                var dMemory = dc[unit] + d * o[unit] * (1 - squashed[unit] * squashed[unit]);
                dSums[unit] = dMemory * g[unit] * i[unit] * (1 - i[unit]);
                dSums[width + unit] = dMemory * c[unit] * f[unit] * (1 - f[unit]);
                dSums[2 * width + unit] = dMemory * i[unit] * (1 - g[unit] * g[unit]);
                dSums[3 * width + unit] = d * squashed[unit] * o[unit] * (1 - o[unit]);
                dc[unit] = dMemory * f[unit];
            }

            dh.Clear();
            wHh.MultiplyTransposedAdd(wHh.Pack(dSums), dh);
            return BackToInput(dSums);
        }
    }

    private protected override void RecordGates(ReadOnlySpan<float> z, ReadOnlySpan<float> scratch, LayerTrace trace)
    {
        Sigmoid(trace.AddPacked(name, TracePart.Input, OutputSize, z, 0, 4));
        Sigmoid(trace.AddPacked(name, TracePart.Forget, OutputSize, z, 1, 4));
        Tanh(trace.AddPacked(name, TracePart.Candidate, OutputSize, z, 2, 4));
        Sigmoid(trace.AddPacked(name, TracePart.Output, OutputSize, z, 3, 4));
    }

    readonly struct Cell : ICell
    {
        public static int Gates => 4;

        public static unsafe void Apply<T>(float* gates, float* recurrent, float* h, float* c)
            where T : struct, ILanes<T>
        {
            var f = LaneMath.Sigmoid(T.Load(gates + 16));
            var ig = LaneMath.SigmoidTanh(T.Load(gates), T.Load(gates + 32));
            var memory = T.FusedMultiplyAdd(f, T.Load(c), ig);           // c' = f * c + i * g
            memory.Store(c);
            LaneMath.SigmoidTanh(T.Load(gates + 48), memory).Store(h);   // h' = o * tanh(c')
        }
    }
}
