namespace Rnn.Bench.Kernels;

static class RandomFloats
{
    /// <summary>From -0.1 to 0.1, always the same.</summary>
    public static float[] Of(int count)
    {
        var random = new Random(1);
        var values = new float[count];
        foreach (ref var value in values.AsSpan())
        {
            value = (random.NextSingle() - 0.5f) * 0.2f;
        }

        return values;
    }
}
