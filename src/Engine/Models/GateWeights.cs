using Rnn.Engine.Manifests;
using Rnn.Engine.Numerics;
using Rnn.Engine.Weights;

namespace Rnn.Engine.Models;

/// <summary>The tensors of one recurrent layer in PyTorch's form, packed as a layer wants them.</summary>
/// <param name="Precision">How weights are kept.</param>
/// <param name="Gates">G.</param>
/// <param name="Rows">G H.</param>
/// <param name="WIh">W_ih [G H, I].</param>
/// <param name="WHh">W_hh [G H, H], or [G H, P] with a projection.</param>
/// <param name="BIh">b_ih [G H], or empty.</param>
/// <param name="BHh">b_hh [G H], or empty.</param>
sealed record GateWeights(Precision Precision, int Gates, int Rows, float[] WIh, float[] WHh, float[] BIh, float[] BHh)
{
    /// <summary>Takes the tensors of layer <paramref name="index"/>.</summary>
    public static GateWeights Take(
        WeightSet weights, Precision precision, RecurrentManifest manifest, int index, int width, string suffix)
    {
        var gates = manifest switch
        {
            ElmanManifest => 1,
            GruManifest => 3,
            _ => 4,
        };
        var rows = gates * manifest.HiddenSize;
        var recurrent = manifest is LstmManifest { ProjectionSize: > 0 and var projected } ? projected : manifest.HiddenSize;
        var (name, place) = (manifest.Name, $"l{index}{suffix}");
        return new GateWeights(
            precision,
            gates,
            rows,
            weights.Take($"{name}.weight_ih_{place}", rows, width),
            weights.Take($"{name}.weight_hh_{place}", rows, recurrent),
            manifest.Bias ? weights.Take($"{name}.bias_ih_{place}", rows) : [],
            manifest.Bias ? weights.Take($"{name}.bias_hh_{place}", rows) : []);
    }

    /// <summary>Both biases as one, for cells that only ever add them.</summary>
    public float[] Bias => [.. BIh.Zip(BHh, (input, hidden) => input + hidden)];

    /// <summary>W_ih with the gates of a unit side by side.</summary>
    public PackedMatrix Ih => PackedMatrix.Of(Precision, Rows, WIh.Length / Rows, WIh, Gates);

    /// <summary>W_hh with the gates of a unit side by side.</summary>
    public PackedMatrix Hh => PackedMatrix.Of(Precision, Rows, WHh.Length / Rows, WHh, Gates);

    /// <summary>W_ih with one gate after the other.</summary>
    public PackedMatrix PlainIh => PackedMatrix.Of(Precision, Rows, WIh.Length / Rows, WIh);

    /// <summary>W_hh with one gate after the other.</summary>
    public PackedMatrix PlainHh => PackedMatrix.Of(Precision, Rows, WHh.Length / Rows, WHh);

    /// <summary>The recurrent weights of some gates, one after the other, without the others.</summary>
    public PackedMatrix PlainHhOf(Range gates)
    {
        var chosen = WHh.AsSpan(Block(gates));
        var columns = WHh.Length / Rows;
        return PackedMatrix.Of(Precision, chosen.Length / columns, columns, chosen);
    }

    Range Block(Range gates)
    {
        var (first, count) = gates.GetOffsetAndLength(Gates);
        var size = WHh.Length / Gates;
        return (first * size)..((first + count) * size);
    }
}
