namespace Rnn.Bench.Peers;

/// <summary>The same random weights for everybody. Gates in the order i, f, g, o.</summary>
sealed class LstmWeights
{
    public LstmWeights(Work work)
    {
        var random = new Random(1);
        Layers = [.. Enumerable.Range(0, work.Layers).Select(layer => (
            Floats(random, 4 * work.Hidden * work.InputsOf(layer)),
            Floats(random, 4 * work.Hidden * work.Hidden),
            Floats(random, 4 * work.Hidden)))];
        X = Floats(random, work.Timesteps * work.Batch * work.Inputs);
        Embedding = Floats(random, work.Tokens * work.Inputs);
        Head = Floats(random, work.Tokens * work.Hidden);
        HeadBias = Floats(random, work.Tokens);
        Tokens = [.. Enumerable.Range(0, work.Batch).Select(_ => work.Tokens > 0 ? random.Next(work.Tokens) : 0)];
    }

    /// <summary>W_ih [4H, I], W_hh [4H, H] and b [4H] of each layer.</summary>
    public IReadOnlyList<(float[] Ih, float[] Hh, float[] Bias)> Layers { get; }

    /// <summary>Inputs [T, B, I].</summary>
    public float[] X { get; }

    /// <summary>[V, I].</summary>
    public float[] Embedding { get; }

    /// <summary>[V, H].</summary>
    public float[] Head { get; }

    public float[] HeadBias { get; }

    /// <summary>One for each sequence.</summary>
    public int[] Tokens { get; }

    static float[] Floats(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() - 0.5f) * 0.2f)];
}
