using System.Numerics.Tensors;
using Rnn.Engine.Numerics;

namespace Rnn.Engine.Layers;

/// <summary>
/// Stacks that read the same input, and one output of theirs: the two directions of a bidirectional layer (Schuster and
/// Paliwal 1997), or several heads.
/// </summary>
public sealed class ParallelLayer : Layer
{
    readonly SequentialLayer[] _branches;
    readonly int[] _stateSizes;
    readonly Merge _merge;

    /// <param name="branches">Two or more, of one input size; of one output size too unless they are concatenated.</param>
    /// <param name="merge">How their outputs become one.</param>
    public ParallelLayer(IReadOnlyList<SequentialLayer> branches, Merge merge)
    {
        _branches = [.. branches];
        _stateSizes = [.. _branches.Select(branch => branch.StateParts.Sum(part => part.Size))];
        _merge = merge;
        OutputSize = merge == Merge.Concat ? _branches.Sum(branch => branch.OutputSize) : _branches[0].OutputSize;
        ScratchSize = OutputSize + _branches.Sum(branch => branch.ScratchSize);
        StateParts = [.. _branches.SelectMany(branch => branch.StateParts)];
        IsCausal = Array.TrueForAll(_branches, branch => branch.IsCausal);
    }

    /// <inheritdoc/>
    public override int InputSize => _branches[0].InputSize;

    /// <inheritdoc/>
    public override int OutputSize { get; }

    /// <inheritdoc/>
    public override int ScratchSize { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<StatePart> StateParts { get; }

    /// <inheritdoc/>
    public override bool IsCausal { get; }

    /// <inheritdoc/>
    public override int Timesteps(int timesteps) => _branches[0].Timesteps(timesteps);

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Run(int batch, int timesteps, ReadOnlySpan<float> x, Span<float> state, Span<float> scratch)
    {
        var rows = batch * Timesteps(timesteps);
        var y = Take(ref scratch, rows * OutputSize);
        var column = 0;
        for (var i = 0; i < _branches.Length; i++)
        {
            var branch = _branches[i];
            var output = branch.Run(
                batch, timesteps, x, Take(ref state, batch * _stateSizes[i]), Take(ref scratch, timesteps * batch * branch.ScratchSize));
            Join(i, rows, output, y, ref column);
        }

        return y;
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Trace(ReadOnlySpan<float> x, Span<float> state, Span<float> scratch, LayerTrace trace)
    {
        var y = Take(ref scratch, OutputSize);
        var column = 0;
        for (var i = 0; i < _branches.Length; i++)
        {
            var output = _branches[i].Trace(x, Take(ref state, _stateSizes[i]), Take(ref scratch, _branches[i].ScratchSize), trace);
            Join(i, 1, output, y, ref column);
        }

        return y;
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<float> OutputAt(ReadOnlySpan<float> state, Span<float> scratch)
    {
        var y = Take(ref scratch, OutputSize);
        var column = 0;
        for (var i = 0; i < _branches.Length; i++)
        {
            var output = _branches[i].OutputAt(state[.._stateSizes[i]], Take(ref scratch, _branches[i].ScratchSize));
            state = state[_stateSizes[i]..];
            Join(i, 1, output, y, ref column);
        }

        return y;
    }

    void Join(int branch, int rows, ReadOnlySpan<float> output, Span<float> y, ref int column)
    {
        var width = _branches[branch].OutputSize;
        for (var row = 0; row < rows; row++)
        {
            var from = output.Slice(row * width, width);
            var to = y.Slice(row * OutputSize + column, width);
            switch (_merge)
            {
                case Merge.Multiply when branch > 0:
                    TensorPrimitives.Multiply(to, from, to);
                    break;
                case Merge.Sum or Merge.Average when branch > 0:
                    TensorPrimitives.Add(to, from, to);
                    break;
                default:
                    from.CopyTo(to);
                    break;
            }

            if (_merge == Merge.Average && branch == _branches.Length - 1)
            {
                TensorPrimitives.Divide(to, _branches.Length, to);
            }
        }

        column += _merge == Merge.Concat ? width : 0;
    }
}
