namespace Rnn.Bench.Peers;

/// <summary>What is timed: stacked LSTM layers over a batch of sequences; with tokens, an embedding before and classes behind.</summary>
sealed record Work(int Inputs, int Hidden, int Layers, int Batch, int Timesteps, int Tokens = 0)
{
    /// <summary>Weights of the recurrent layers' products.</summary>
    public long Weights => Enumerable.Range(0, Layers).Sum(layer => 4L * Hidden * (InputsOf(layer) + Hidden));

    public string Name => Tokens > 0
        ? $"characters: embedding {Inputs}, LSTM {Layers}x{Hidden}, {Tokens} classes; batch {Batch}"
        : $"{Inputs} -> {Hidden}, batch {Batch}{(Timesteps > 1 ? $", T = {Timesteps}" : "")}";

    public int InputsOf(int layer) => layer == 0 ? Inputs : Hidden;
}
