using System.Numerics.Tensors;
using Rnn.Engine.Numerics;

namespace Rnn.Engine.Layers;

/// <summary>
/// A recurrent layer in the two parts of its timestep: the <em>projection</em> of the input, W_ih x + b, which needs no
/// state and so can be done for many timesteps at once, or looked up for a token; and the <em>advance</em> of the state by it.
/// </summary>
/// <param name="wIh">W_ih [G H, I].</param>
/// <param name="bias">b [G H], or empty for none.</param>
public abstract class RecurrentLayer(PackedMatrix wIh, float[] bias) : Layer
{
    readonly float[] _bias = wIh.Pack(bias);

    /// <inheritdoc/>
    public override int InputSize => wIh.Columns;

    /// <summary>The floats of one row of a projection.</summary>
    public int ProjectedSize => wIh.PackedSize;

    /// <summary>The floats of scratch that one row of an advance needs.</summary>
    public virtual int AdvanceScratchSize => 0;

    /// <inheritdoc/>
    public sealed override int ScratchSize => ProjectedSize + RunScratchSize;

    /// <summary>The floats of scratch that one timestep of one sequence needs once it is projected.</summary>
    public int RunScratchSize => AdvanceScratchSize + OutputSize;

    /// <inheritdoc/>
    public sealed override ReadOnlySpan<float> Run(
        int batch, int timesteps, ReadOnlySpan<float> x, Span<float> state, Span<float> scratch)
    {
        var rows = timesteps * batch;
        var z = Take(ref scratch, rows * ProjectedSize);
        Project(rows, x, z);
        return RunProjected(batch, timesteps, z, state, scratch);
    }

    /// <summary>z = W_ih x + b.</summary>
    /// <param name="rows">How many timesteps or sequences.</param>
    /// <param name="x">[rows, I].</param>
    /// <param name="z">[rows, <see cref="ProjectedSize"/>]; overwritten.</param>
    public void Project(int rows, ReadOnlySpan<float> x, Span<float> z)
    {
        for (var row = 0; row < rows; row++)
        {
            _bias.CopyTo(z[(row * _bias.Length)..]);
        }

        wIh.MultiplyAdd(rows, x, z);
    }

    /// <summary>Advances every sequence by timesteps that are projected.</summary>
    /// <param name="batch">B, the number of sequences.</param>
    /// <param name="timesteps">T.</param>
    /// <param name="z">Projections, [T, B, <see cref="ProjectedSize"/>]; undefined afterwards.</param>
    /// <param name="state">Each of <see cref="Layer.StateParts"/> in order, as [B, size]; advanced in place.</param>
    /// <param name="scratch">At least T * B * <see cref="RunScratchSize"/> floats; undefined afterwards.</param>
    /// <returns>[T, B, O]; it lies in <paramref name="state"/> or <paramref name="scratch"/>.</returns>
    public ReadOnlySpan<float> RunProjected(int batch, int timesteps, Span<float> z, Span<float> state, Span<float> scratch)
    {
        if (timesteps == 1)
        {
            return Advance(batch, z, state, scratch);
        }

        var (projected, width) = (batch * ProjectedSize, batch * OutputSize);
        var outputs = Take(ref scratch, timesteps * width);
        for (var t = 0; t < timesteps; t++)
        {
            Advance(batch, z.Slice(t * projected, projected), state, scratch).CopyTo(outputs[(t * width)..]);
        }

        return outputs;
    }

    /// <inheritdoc/>
    public sealed override ReadOnlySpan<float> Trace(ReadOnlySpan<float> x, Span<float> state, Span<float> scratch, LayerTrace trace)
    {
        var z = Take(ref scratch, ProjectedSize);
        Project(1, x, z);
        return TraceProjected(z, state, scratch, trace);
    }

    /// <summary>Advances one sequence by a timestep that is projected, and records it.</summary>
    /// <param name="z">The projection, [<see cref="ProjectedSize"/>]; undefined afterwards.</param>
    /// <param name="state">Each of <see cref="Layer.StateParts"/> in order; advanced in place.</param>
    /// <param name="scratch">At least <see cref="RunScratchSize"/> floats; undefined afterwards.</param>
    /// <param name="trace">What records.</param>
    public ReadOnlySpan<float> TraceProjected(Span<float> z, Span<float> state, Span<float> scratch, LayerTrace trace)
    {
        var output = Advance(1, z, state, scratch);
        RecordGates(z, scratch, trace);
        foreach (var part in StateParts)
        {
            trace.Add(part.Layer, part.Kind == StateKind.Cell ? TracePart.Cell : TracePart.Hidden, Take(ref state, part.Size));
        }

        return output;
    }

    /// <summary>Records the gates of the timestep that was just advanced by.</summary>
    /// <param name="z">What <see cref="Advance"/> has left of the projection.</param>
    /// <param name="scratch">What it has left of the scratch.</param>
    /// <param name="trace">What records.</param>
    private protected virtual void RecordGates(ReadOnlySpan<float> z, ReadOnlySpan<float> scratch, LayerTrace trace)
    {
    }

    /// <summary>Projects and advances one timestep, for its gradient.</summary>
    /// <returns>The sums of the gates as <see cref="Advance"/> leaves them, and its scratch.</returns>
    private protected (float[] Sums, float[] Scratch) AdvanceAlone(ReadOnlySpan<float> x, Span<float> state)
    {
        var (sums, scratch) = (new float[ProjectedSize], new float[RunScratchSize]);
        Project(1, x, sums);
        Advance(1, sums, state, scratch);
        return (sums, scratch);
    }

    /// <summary>dL/dx of the projection, from the gradients of the sums of each gate, plain, one gate after the other.</summary>
    private protected float[] BackToInput(ReadOnlySpan<float> dSums)
    {
        var dx = new float[InputSize];
        wIh.MultiplyTransposedAdd(wIh.Pack(dSums), dx);
        return dx;
    }

    private protected static float[] Gate(ReadOnlySpan<float> sums, int gate, int gates, int units)
    {
        var row = new float[units];
        LayerTrace.Unpack(sums, gate, gates, row);
        return row;
    }

    private protected static void Sigmoid(Span<float> sums)
    {
        if (!sums.IsEmpty)
        {
            TensorPrimitives.Sigmoid(sums, sums);
        }
    }

    private protected static void Tanh(Span<float> sums) => TensorPrimitives.Tanh(sums, sums);

    /// <summary>Advances every row by one timestep.</summary>
    /// <param name="batch">B, the number of rows.</param>
    /// <param name="z">Projections, [B, <see cref="ProjectedSize"/>]; undefined afterwards.</param>
    /// <param name="state">Each of <see cref="Layer.StateParts"/> in order, as [B, size]; advanced in place.</param>
    /// <param name="scratch">At least B * <see cref="AdvanceScratchSize"/> floats; undefined afterwards.</param>
    /// <returns>Outputs, [B, O]: the hidden states, the first of the parts; they lie in <paramref name="state"/>.</returns>
    public abstract ReadOnlySpan<float> Advance(int batch, Span<float> z, Span<float> state, Span<float> scratch);

    /// <inheritdoc/>
    public sealed override ReadOnlySpan<float> OutputAt(ReadOnlySpan<float> state, Span<float> scratch) => state[..OutputSize];
}
