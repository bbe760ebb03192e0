using Rnn.Engine.Numerics;

namespace Rnn.Engine.Layers;

/// <summary>Records what layers compute, timestep after timestep.</summary>
/// <param name="wants">Whether a part of a layer is to be recorded.</param>
public sealed class LayerTrace(Func<string, TracePart, bool> wants)
{
    readonly Dictionary<(string Layer, TracePart Part), List<float[]>> _rows = [];

    /// <summary>What was recorded, in the order in which it first came: of each timestep a number for each unit.</summary>
    public IReadOnlyDictionary<(string Layer, TracePart Part), List<float[]>> Rows => _rows;

    /// <summary>Records a part of a layer.</summary>
    public void Add(string layer, TracePart part, ReadOnlySpan<float> units)
    {
        if (wants(layer, part))
        {
            RowsOf(layer, part).Add(units.ToArray());
        }
    }

    /// <summary>Records a gate whose sums lie packed, sixteen units of each gate at a time.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="part">Which part the gate is.</param>
    /// <param name="units">H.</param>
    /// <param name="sums">The sums of all gates, packed.</param>
    /// <param name="gate">Its place among the gates.</param>
    /// <param name="gates">How many gates lie side by side.</param>
    /// <returns>The gate's sums, [H], to be made what they are recorded as; empty if the part is not wanted.</returns>
    internal Span<float> AddPacked(string layer, TracePart part, int units, ReadOnlySpan<float> sums, int gate, int gates)
    {
        if (!wants(layer, part))
        {
            return [];
        }

        var row = new float[units];
        Unpack(sums, gate, gates, row);
        RowsOf(layer, part).Add(row);
        return row;
    }

    /// <summary>Lays the sums of one gate out plainly.</summary>
    internal static void Unpack(ReadOnlySpan<float> sums, int gate, int gates, Span<float> row)
    {
        for (var unit = 0; unit < row.Length; unit += PackedMatrix.Lanes)
        {
            sums.Slice(unit * gates + gate * PackedMatrix.Lanes, Math.Min(PackedMatrix.Lanes, row.Length - unit)).CopyTo(row[unit..]);
        }
    }

    List<float[]> RowsOf(string layer, TracePart part)
    {
        if (!_rows.TryGetValue((layer, part), out var rows))
        {
            _rows[(layer, part)] = rows = [];
        }

        return rows;
    }
}
