namespace Rnn.Engine.Prediction;

/// <summary>Finds the most probable of many without sorting the rest.</summary>
static class MostProbable
{
    /// <summary>The indices of the highest values in falling order; ties go to the lower index.</summary>
    /// <param name="logs">Log-probabilities, [V].</param>
    /// <param name="count">How many are wanted; fewer come if there are fewer.</param>
    public static int[] Of(ReadOnlySpan<float> logs, int count)
    {
        var best = new int[Math.Min(count, logs.Length)];
        var found = 0;
        for (var token = 0; token < logs.Length && best.Length > 0; token++)
        {
            if (found == best.Length && logs[token] <= logs[best[^1]])
            {
                continue;
            }

            var place = found < best.Length ? found++ : found - 1;
            for (; place > 0 && logs[token] > logs[best[place - 1]]; place--)
            {
                best[place] = best[place - 1];
            }

            best[place] = token;
        }

        return best;
    }
}
