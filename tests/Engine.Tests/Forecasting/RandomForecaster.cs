using Rnn.Engine.Models;

namespace Rnn.Engine.Tests.Forecasting;

/// <summary>
/// A small forecaster with random weights: two targets, among whose features lie a covariate and two features of the calendar, and
/// in another order than that of the outputs.
/// </summary>
public static class RandomForecaster
{
    public const string Gaussian = "gaussian";
    public const string Quantiles = "quantiles";
    public const string Values = "values";

    const int Hidden = 5;
    const int Inputs = 6;                                  // the hour takes two

    const string Dust = """{ "name": "dust", "unit": "ug/m3", "scaling": { "kind": "log", "mean": 4, "deviation": 1 } }""";
    const string Wind = """{ "name": "wind", "unit": "m/s" }""";
    const string Warmth = """{ "name": "warmth", "unit": "K", "scaling": { "kind": "standard", "mean": 280, "deviation": 10 } }""";

    /// <param name="head">What the output is.</param>
    public static RecurrentModel Load(string head)
    {
        var random = new Random(5);
        var outputs = head switch { Gaussian => 4, Quantiles => 6, _ => 2 };
        using var folder = new ModelFolder(
            $$"""
            {
              "format": 1,
              "input": { "kind": "features", "features": [
                { "name": "hour", "scaling": { "kind": "cyclic", "period": 24 }, "calendar": "hour" },
                {{Warmth}}, {{Wind}},
                { "name": "month", "calendar": "month" },
                {{Dust}}
              ] },
              "layers": [
                { "kind": "lstm", "name": "lstm", "hiddenSize": {{Hidden}} },
                { "kind": "dense", "name": "head", "size": {{outputs}} }
              ],
              "output": { "kind": "{{head}}", "values": [{{Dust}}, {{Warmth}}]{{(head == Quantiles ? ", \"levels\": [0.1, 0.5, 0.9]" : "")}} }
            }
            """,
            Tensor("lstm.weight_ih_l0", 4 * Hidden, Inputs), Tensor("lstm.weight_hh_l0", 4 * Hidden, Hidden),
            Tensor("lstm.bias_ih_l0", 4 * Hidden), Tensor("lstm.bias_hh_l0", 4 * Hidden),
            Tensor("head.weight", outputs, Hidden), Tensor("head.bias", outputs));
        return folder.Load();

        (string Name, int[] Shape, float[] Values) Tensor(string name, params int[] shape) =>
            (name, shape, [.. Enumerable.Range(0, shape.Aggregate((product, size) => product * size)).Select(_ => (float)(2 * random.NextDouble() - 1))]);
    }
}
