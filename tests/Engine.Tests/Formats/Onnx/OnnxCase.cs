namespace Rnn.Engine.Tests.Formats.Onnx;

/// <summary>What goes in and out of a graph: case.json and io.json of the fixtures.</summary>
sealed record OnnxCase
{
    public required Numbers[] Inputs { get; init; }

    public Numbers[] Outputs { get; init; } = [];

    public float Tolerance { get; init; } = 1e-5f;

    public bool BatchFirst { get; init; }

    public Numbers Input(string name) => Inputs.Single(input => input.Name == name);

    public Numbers? Find(params string[] names) => Inputs.FirstOrDefault(input => names.Contains(input.Name));
}

/// <summary>A tensor in JSON.</summary>
sealed record Numbers
{
    public string Name { get; init; } = "";

    public required int[] Shape { get; init; }

    public required double[] Data { get; init; }

    /// <summary>
    /// The vectors by row of the batch and timestep. The layout names each dimension: b batch, t timestep, f feature and d
    /// direction, of which the latter become one vector, directions first.
    /// </summary>
    public float[][][] Rows(string layout)
    {
        Assert.Equal(layout.Length, Shape.Length);
        var (rows, times, directions, features) = (Length(layout, 'b'), Length(layout, 't'), Length(layout, 'd'), Length(layout, 'f'));
        float[][][] result = [.. Enumerable.Range(0, rows).Select(_ => Enumerable.Range(0, times).Select(_ => new float[directions * features]).ToArray())];
        for (var i = 0; i < Data.Length; i++)
        {
            var (b, t, d, f) = (Index(layout, 'b', i), Index(layout, 't', i), Index(layout, 'd', i), Index(layout, 'f', i));
            result[b][t][d * features + f] = (float)Data[i];
        }

        return result;
    }

    /// <summary>One row of the batch of a tensor [D, B, H], or [B, D, H].</summary>
    public Weights.Tensor RowOf(int row, bool batchFirst)
    {
        var vector = Rows(batchFirst ? "bdf" : "dbf")[row][0];
        var (directions, size) = (batchFirst ? Shape[1] : Shape[0], Shape[2]);
        return new Weights.Tensor(Name, batchFirst ? [1, directions, size] : [directions, 1, size], vector);
    }

    public Weights.Tensor ToTensor() => new(Name, Shape, [.. Data.Select(value => (float)value)]);

    int Length(string layout, char dimension) => layout.Contains(dimension) ? Shape[layout.IndexOf(dimension)] : 1;

    int Index(string layout, char dimension, int position)
    {
        var at = layout.IndexOf(dimension);
        return at < 0 ? 0 : position / Shape.Skip(at + 1).Aggregate(1, (product, size) => product * size) % Shape[at];
    }
}
