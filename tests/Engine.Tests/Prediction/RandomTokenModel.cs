using Rnn.Engine.Models;

namespace Rnn.Engine.Tests.Prediction;

/// <summary>A small model of characters with random weights: an Elman network whose output is the next character.</summary>
public static class RandomTokenModel
{
    const int Hidden = 4;

    /// <param name="seed">Of the weights.</param>
    /// <param name="vocabulary">One letter for each token.</param>
    /// <param name="special">More properties of the input, such as <c>, "end": "b"</c>.</param>
    /// <param name="embedding">More properties of the embedding.</param>
    /// <param name="scale">How far the logits lie apart.</param>
    public static RecurrentModel Load(int seed, string vocabulary, string special = "", string embedding = "", float scale = 2)
    {
        using var folder = new ModelFolder(
            $$"""
            {
              "format": 1,
              "input": { "kind": "characters", "vocabulary": [{{string.Join(", ", vocabulary.Select(letter => $"\"{letter}\""))}}]{{special}} },
              "layers": [
                { "kind": "embedding", "name": "embedding", "size": {{Hidden}}{{embedding}} },
                { "kind": "elman", "name": "rnn", "hiddenSize": {{Hidden}} },
                { "kind": "dense", "name": "dense", "size": {{vocabulary.Length}} }
              ],
              "output": { "kind": "next-token" }
            }
            """,
            Tensors(new Random(seed), vocabulary.Length, scale));
        return folder.Load();
    }

    static (string Name, int[] Shape, float[] Values)[] Tensors(Random random, int tokens, float scale)
    {
        (string Name, int[] Shape, float[] Values) Tensor(string name, params int[] shape) =>
            (name, shape, [.. Enumerable.Range(0, shape.Aggregate((product, size) => product * size)).Select(_ => scale * (float)(2 * random.NextDouble() - 1))]);

        return
        [
            Tensor("embedding.weight", tokens, Hidden),
            Tensor("rnn.weight_ih_l0", Hidden, Hidden), Tensor("rnn.weight_hh_l0", Hidden, Hidden),
            Tensor("rnn.bias_ih_l0", Hidden), Tensor("rnn.bias_hh_l0", Hidden),
            Tensor("dense.weight", tokens, Hidden), Tensor("dense.bias", tokens),
        ];
    }
}
