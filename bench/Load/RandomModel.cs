namespace Rnn.Bench.Load;

/// <summary>A model folder with one LSTM layer and one dense layer of random weights.</summary>
static class RandomModel
{
    /// <param name="folder">The folder of the model folders.</param>
    /// <param name="name">The model's name.</param>
    /// <param name="inputs">Its features, x0 and so on.</param>
    /// <param name="hidden">The LSTM's width.</param>
    /// <param name="outputs">Its values, y0 and so on.</param>
    public static void Write(string folder, string name, int inputs, int hidden, int outputs)
    {
        var version = Directory.CreateDirectory(Path.Combine(folder, name, "1")).FullName;
        File.WriteAllText(Path.Combine(version, "model.json"), $$"""
            {
              "format": 1,
              "description": "An LSTM and a dense layer of random weights.",
              "input": { "kind": "features", "features": [{{Names('x', inputs)}}] },
              "layers": [{ "kind": "lstm", "name": "lstm", "hiddenSize": {{hidden}} }, { "kind": "dense", "name": "head", "size": {{outputs}} }],
              "output": { "kind": "values", "values": [{{Names('y', outputs)}}] }
            }

            """);

        // As PyTorch begins: uniform within 1 / sqrt(H).
        var random = new Random(1);
        var width = 1 / MathF.Sqrt(hidden);
        Safetensors.Write(
            Path.Combine(version, "model.safetensors"),
            Tensor("lstm.weight_ih_l0", 4 * hidden, inputs), Tensor("lstm.weight_hh_l0", 4 * hidden, hidden),
            Tensor("lstm.bias_ih_l0", 4 * hidden), Tensor("lstm.bias_hh_l0", 4 * hidden),
            Tensor("head.weight", outputs, hidden), Tensor("head.bias", outputs));

        (string, int[], float[]) Tensor(string tensor, params int[] shape)
        {
            var values = new float[shape.Aggregate((a, b) => a * b)];
            foreach (ref var value in values.AsSpan())
            {
                value = (random.NextSingle() * 2 - 1) * width;
            }

            return (tensor, shape, values);
        }
    }

    static string Names(char letter, int count) =>
        string.Join(", ", Enumerable.Range(0, count).Select(i => $$"""{ "name": "{{letter}}{{i}}" }"""));
}
