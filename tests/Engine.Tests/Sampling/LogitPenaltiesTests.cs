using CsCheck;
using Rnn.Engine.Sampling;

namespace Rnn.Engine.Tests.Sampling;

public sealed class LogitPenaltiesTests
{
    [Fact]
    public void Logits_change_as_the_equations_say() =>
        Gen.Select(Gen.Float[-9, 9].Array[6], Gen.Int[0, 5].Array[0, 4], Gen.Int[0, 5].Array[0, 8], Gen.Double[0.1, 10], Gen.Double[-2, 2], Gen.Double[-2, 2])
            .Sample((logits, prompt, generated, repetition, presence, frequency) =>
            {
                var options = new SamplingOptions { RepetitionPenalty = repetition, PresencePenalty = presence, FrequencyPenalty = frequency };
                var penalties = new LogitPenalties(options, new Dictionary<int, float> { [2] = 3.5f }, prompt, logits.Length);
                float[] changed = [.. logits];

                foreach (var token in generated)
                {
                    penalties.Count(token);
                }

                penalties.Apply(changed);

                for (var token = 0; token < logits.Length; token++)
                {
                    var count = generated.Count(other => other == token);
                    var expected = (double)logits[token];
                    if (count > 0 || prompt.Contains(token))
                    {
                        expected = expected < 0 ? expected * repetition : expected / repetition;
                    }

                    expected += (count > 0 ? -presence : 0) - frequency * count + (token == 2 ? 3.5 : 0);
                    Assert.Equal(expected, changed[token], 1e-4);
                }
            });

    [Fact]
    public void Logits_are_finite_afterwards()
    {
        float[] logits = [float.NaN, float.PositiveInfinity, float.NegativeInfinity, 0];

        new LogitPenalties(new() { RepetitionPenalty = 0.1 }, new Dictionary<int, float>(), [0, 1, 2], 4).Apply(logits);

        Assert.All(logits, logit => Assert.True(float.IsFinite(logit)));
    }
}
