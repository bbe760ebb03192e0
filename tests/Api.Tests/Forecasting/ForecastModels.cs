using System.Text;
using Rnn.Api.Tests.Faults;

namespace Rnn.Api.Tests.Forecasting;

/// <summary>
/// Forecasters whose arithmetic is exact, so that a forecast shows every input that led to it.
/// <code>
/// load:  y = load + heat + hour                    a target, a covariate and the hour
/// walk:  y ~ N(x, 2^2)                             a random walk
/// pair:  y = (a, b) + 1                            two targets, told as (b, a)
/// </code>
/// </summary>
sealed class ForecastModels : IDisposable
{
    public const string Load = "load";
    public const string Walk = "walk";
    public const string Pair = "pair";

    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rnn-models-");

    public ForecastModels()
    {
        Write(
            Load,
            """{ "name": "hour", "calendar": "hour" }, { "name": "heat, \"felt\"", "unit": "K" }, { "name": "load", "unit": "MW" }""",
            """{ "kind": "values", "values": [{ "name": "load", "unit": "MW" }] }""",
            3, [[1, 1, 1]], [[1]], [0]);
        Write(
            Walk,
            """{ "name": "x" }""",
            """{ "kind": "gaussian", "values": [{ "name": "x" }] }""",
            1, [[1]], [[1], [0]], [0, MathF.Log(2)]);
        Write(
            Pair,
            """{ "name": "a" }, { "name": "b" }""",
            """{ "kind": "values", "values": [{ "name": "b" }, { "name": "a" }] }""",
            2, [[1, 0], [0, 1]], [[0, 1], [1, 0]], [1, 1]);
    }

    /// <summary>The folder of the models.</summary>
    public string Path => _folder.FullName;

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>h' = relu(W x), y = V h' + b: positive numbers in, and nothing remembered.</summary>
    void Write(string name, string features, string output, int inputs, float[][] w, float[][] v, float[] b)
    {
        var model = _folder.CreateSubdirectory(name);
        var hidden = w.Length;
        File.WriteAllText(
            System.IO.Path.Combine(model.FullName, "model.json"),
            $$"""
            {
              "format": 1,
              "input": { "kind": "features", "features": [{{features}}] },
              "layers": [
                { "kind": "elman", "name": "layer", "hiddenSize": {{hidden}}, "activation": "relu" },
                { "kind": "dense", "name": "head", "size": {{v.Length}} }
              ],
              "output": {{output}}
            }
            """,
            new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        File.WriteAllBytes(
            System.IO.Path.Combine(model.FullName, "model.safetensors"),
            CountingModel.SafeTensors(
                ("layer.weight_ih_l0", [hidden, inputs], [.. w.SelectMany(row => row)]),
                ("layer.weight_hh_l0", [hidden, hidden], new float[hidden * hidden]),
                ("layer.bias_ih_l0", [hidden], new float[hidden]),
                ("layer.bias_hh_l0", [hidden], new float[hidden]),
                ("head.weight", [v.Length, hidden], [.. v.SelectMany(row => row)]),
                ("head.bias", [b.Length], b)));
    }
}
