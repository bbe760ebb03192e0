using System.Numerics.Tensors;
using Rnn.Engine.Numerics;

namespace Rnn.Engine.Layers;

/// <summary>
/// What a decoder looks up in the outputs m_1..m_S of its encoder: with its own output q as the query,
/// <code>
/// e_s = score(q, m_s)      a = softmax(e)      y = [sum_s a_s m_s, q]
/// </code>
/// (Bahdanau et al. 2015; placed after the recurrent layer as in Luong et al. 2015). The memory is part of the state, so that
/// a session keeps what was read: m padded to the longest source, and its length S.
/// </summary>
/// <param name="name">The layer's name.</param>
/// <param name="score">How well a query and a part of the memory fit.</param>
/// <param name="memory">What the encoder leaves.</param>
public sealed class AttentionLayer(string name, AttentionScore score, MemoryShape memory) : Layer
{
    /// <inheritdoc/>
    public override int InputSize => score.QuerySize;

    /// <inheritdoc/>
    public override int OutputSize => memory.Width + score.QuerySize;

    /// <inheritdoc/>
    public override int ScratchSize => OutputSize + memory.MaxLength + score.ScratchSize;

    /// <inheritdoc/>
    public override IReadOnlyList<StatePart> StateParts { get; } =
        [new(name, StateKind.Memory, memory.MaxLength * memory.Width), new(name, StateKind.Length, 1)];

    /// <inheritdoc/>
    public override bool IsRecurrent => false;

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Run(int batch, int timesteps, ReadOnlySpan<float> x, Span<float> state, Span<float> scratch)
    {
        var y = Take(ref scratch, timesteps * batch * OutputSize);
        var memories = Take(ref state, batch * StateParts[0].Size);
        for (var row = 0; row < timesteps * batch; row++)
        {
            var sequence = row % batch;
            var length = (int)Math.Clamp(state[sequence], 0, memory.MaxLength);
            _ = Attend(
                x.Slice(row * InputSize, InputSize),
                memories.Slice(sequence * StateParts[0].Size, length * memory.Width),
                y.Slice(row * OutputSize, OutputSize),
                scratch);
        }

        return y;
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Trace(ReadOnlySpan<float> x, Span<float> state, Span<float> scratch, LayerTrace trace)
    {
        var y = Take(ref scratch, OutputSize);
        var length = (int)Math.Clamp(state[StateParts[0].Size], 0, memory.MaxLength);
        trace.Add(name, TracePart.Attention, Attend(x, state[..(length * memory.Width)], y, scratch));
        return y;
    }

    /// <returns>The weights, [S]; they lie in <paramref name="scratch"/>.</returns>
    ReadOnlySpan<float> Attend(ReadOnlySpan<float> query, ReadOnlySpan<float> parts, Span<float> y, Span<float> scratch)
    {
        var context = y[..memory.Width];
        var weights = scratch[..(parts.Length / memory.Width)];
        context.Clear();
        query.CopyTo(y[memory.Width..]);
        if (weights.IsEmpty)
        {
            return weights;
        }

        score.Of(query, parts, weights, scratch[memory.MaxLength..]);
        Activation.SoftmaxOf(weights, weights);
        for (var s = 0; s < weights.Length; s++)
        {
            TensorPrimitives.MultiplyAdd(parts.Slice(s * memory.Width, memory.Width), weights[s], context, context);
        }

        return weights;
    }
}
