using System.Numerics.Tensors;
using Rnn.Engine.Numerics;

namespace Rnn.Engine.Layers;

/// <summary>How well a query q fits each part m_s of a memory.</summary>
public abstract class AttentionScore
{
    /// <summary>Q, the width of a query.</summary>
    public abstract int QuerySize { get; }

    /// <summary>The floats of scratch that the scores of one query need.</summary>
    public abstract int ScratchSize { get; }

    /// <summary>Writes the scores e.</summary>
    /// <param name="query">q [Q].</param>
    /// <param name="memory">m [S, M].</param>
    /// <param name="scores">e [S]; overwritten.</param>
    /// <param name="scratch">At least <see cref="ScratchSize"/> floats; undefined afterwards.</param>
    public abstract void Of(ReadOnlySpan<float> query, ReadOnlySpan<float> memory, Span<float> scores, Span<float> scratch);
}

/// <summary>e_s = q . m_s (Luong et al. 2015), so that Q = M.</summary>
/// <param name="size">Q and M.</param>
public sealed class DotScore(int size) : AttentionScore
{
    /// <inheritdoc/>
    public override int QuerySize => size;

    /// <inheritdoc/>
    public override int ScratchSize => 0;

    /// <inheritdoc/>
    public override void Of(ReadOnlySpan<float> query, ReadOnlySpan<float> memory, Span<float> scores, Span<float> scratch)
    {
        for (var s = 0; s < scores.Length; s++)
        {
            scores[s] = TensorPrimitives.Dot(query, memory.Slice(s * size, size));
        }
    }
}

/// <summary>e_s = q . (W m_s) (Luong et al. 2015, "general"), computed as (W^T q) . m_s.</summary>
/// <param name="transposed">W^T [M, Q].</param>
public sealed class GeneralScore(PackedMatrix transposed) : AttentionScore
{
    readonly DotScore _dot = new(transposed.Rows);

    /// <inheritdoc/>
    public override int QuerySize => transposed.Columns;

    /// <inheritdoc/>
    public override int ScratchSize => transposed.PackedSize;

    /// <inheritdoc/>
    public override void Of(ReadOnlySpan<float> query, ReadOnlySpan<float> memory, Span<float> scores, Span<float> scratch)
    {
        var projected = scratch[..transposed.PackedSize];
        projected.Clear();
        transposed.MultiplyAdd(1, query, projected);
        _dot.Of(projected[..transposed.Rows], memory, scores, []);
    }
}

/// <summary>e_s = v . tanh(W_q q + W_m m_s) (Bahdanau et al. 2015).</summary>
/// <param name="wQuery">W_q [A, Q].</param>
/// <param name="wMemory">W_m [A, M].</param>
/// <param name="v">v [A].</param>
/// <param name="maxLength">The most parts of a memory.</param>
public sealed class AdditiveScore(PackedMatrix wQuery, PackedMatrix wMemory, float[] v, int maxLength) : AttentionScore
{
    /// <inheritdoc/>
    public override int QuerySize => wQuery.Columns;

    /// <inheritdoc/>
    public override int ScratchSize => wQuery.PackedSize * maxLength;

    /// <inheritdoc/>
    public override void Of(ReadOnlySpan<float> query, ReadOnlySpan<float> memory, Span<float> scores, Span<float> scratch)
    {
        var width = wQuery.PackedSize;
        var sums = scratch[..(scores.Length * width)];
        sums[..width].Clear();
        wQuery.MultiplyAdd(1, query, sums[..width]);
        for (var s = 1; s < scores.Length; s++)
        {
            sums[..width].CopyTo(sums[(s * width)..]);
        }

        wMemory.MultiplyAdd(scores.Length, memory, sums);
        for (var s = 0; s < scores.Length; s++)
        {
            var sum = sums.Slice(s * width, v.Length);
            TensorPrimitives.Tanh(sum, sum);
            scores[s] = TensorPrimitives.Dot(sum, v);
        }
    }
}
