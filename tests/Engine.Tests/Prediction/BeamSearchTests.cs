using CsCheck;
using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Models;
using Rnn.Engine.Prediction;

namespace Rnn.Engine.Tests.Prediction;

public sealed class BeamSearchTests
{
    // Sums of a few log-probabilities in float32 against the same in float64.
    const double Tolerance = 1e-4;

    [Theory]
    [InlineData("abc", "", 4, 27)]
    [InlineData("abc", ", \"end\": \"b\"", 4, 27)]
    [InlineData("abcd", ", \"end\": \"d\"", 3, 16)]
    [InlineData("ab", "", 6, 32)]
    [InlineData("ab", ", \"end\": \"a\"", 7, 64)]
    public void Wide_enough_it_finds_what_a_search_of_all_texts_finds(string vocabulary, string special, int length, int beams) =>
        Gen.Select(Gen.Int, Alpha(0.0, 0.6, 1, 2.5), Gen.Int[1, 5]).Sample(
            (seed, alpha, n) =>
            {
                var model = RandomTokenModel.Load(seed, vocabulary, special);
                var all = AllTexts(model, length, alpha).OrderByDescending(text => text.Score).Take(n).ToList();

                var found = Run(model, Search(length, beams, n, alpha));

                Assert.Equal(all.Count, found.Count);
                foreach (var (expected, actual) in all.Zip(found))
                {
                    Assert.InRange(actual.Choice.Score, expected.Score - Tolerance, expected.Score + Tolerance);
                }

                Assert.Equal(all[0].Text, found[0].Text);
            },
            iter: 40);

    [Fact]
    public void With_one_hypothesis_it_takes_the_most_probable_token_each_time() =>
        Gen.Select(Gen.Int, Gen.Bool, Alpha(0.0, 1.0)).Sample(
            (seed, ends, alpha) =>
            {
                var model = RandomTokenModel.Load(seed, "abcdefgh", ends ? ", \"end\": \"d\"" : "");
                var greedy = Run(model, new() { MaxLength = 20, Sampling = new() { Temperature = 0 } }).Single();

                var beam = Run(model, Search(20, beams: 1, n: 1, alpha)).Single();

                Assert.Equal((greedy.Text, greedy.Finish), (beam.Text, beam.Finish));
                Assert.Equal(greedy.State, beam.State);
            },
            iter: 60);

    [Fact]
    public void The_best_come_first_and_their_scores_are_those_of_their_texts() =>
        Gen.Select(Gen.Int, Gen.Int[2, 9], Alpha(0.0, 0.7)).Sample(
            (seed, beams, alpha) =>
            {
                var model = RandomTokenModel.Load(seed, "abcdef", ", \"end\": \"f\"");

                var found = Run(model, Search(8, beams, beams, alpha));

                Assert.Equal(found.OrderByDescending(text => text.Choice.Score), found);
                Assert.Equal(found.Count, found.Select(text => (text.Text, text.Choice.Finish)).Distinct().Count());
                foreach (var text in found)
                {
                    var tokens = text.Text.Select(letter => letter - 'a').Concat(text.Choice.Finish == FinishReason.End ? [5] : []).ToList();
                    var sum = LogProbabilityOf(model, tokens);
                    Assert.InRange(text.Choice.LogProbability, sum - Tolerance, sum + Tolerance);
                    Assert.InRange(text.Choice.Score, sum / Math.Pow(tokens.Count, alpha) - Tolerance, sum / Math.Pow(tokens.Count, alpha) + Tolerance);
                }
            },
            iter: 60);

    [Fact]
    public void A_stop_string_ends_a_hypothesis_and_is_not_told() =>
        Gen.Int.Sample(
            seed =>
            {
                var model = RandomTokenModel.Load(seed, "abc");
                var options = Search(4, 27, 3, 0) with { Stop = ["ab", "cc"] };
                var all = AllTexts(model, 4, 0, "ab", "cc").OrderByDescending(text => text.Score).Take(3).ToList();

                var found = Run(model, options);

                Assert.Equal(all.Select(text => (text.Text, text.Finish)), found.Select(text => (text.Text, text.Choice.Finish)));
            },
            iter: 40);

    [Fact]
    public async Task The_state_is_the_one_after_the_best_text_with_those_before_it()
    {
        var model = RandomTokenModel.Load(5, "abcd");
        var test = new TestEngine(models: model);
        var (searched, walked) = (await test.NewSessionAsync("test", history: 3), await test.NewSessionAsync("test"));

        var (timesteps, run) = await test.RunAsync(new() { Session = searched, Input = new() { Text = "ab" }, Generation = Search(6, 8, 2, 0) });
        var best = timesteps.Where(timestep => timestep.Choice == 0).Select(timestep => ((Generated)timestep.Output).Token!.Value).ToArray();
        await test.RunAsync(new() { Session = walked, Input = new() { Tokens = [0, 1, .. best[..^1]] } });

        Assert.Equal(await test.StateAsync(walked), await test.StateAsync(searched, 7));
        await test.RunAsync(new() { Session = walked, Input = new() { Tokens = [best[^1]] } });
        Assert.Equal(await test.StateAsync(walked), await test.StateAsync(searched));
        Assert.Equal(8, run.State.Step);
        Assert.Null(run.Seed);
    }

    [Fact]
    public void Fewer_texts_come_if_there_are_no_more()
    {
        var found = Run(RandomTokenModel.Load(1, "ab"), Search(1, beams: 8, n: 8, alpha: 0));

        Assert.Equal(["a", "b"], found.Select(text => text.Text).Order(StringComparer.Ordinal));
    }

    static Gen<double> Alpha(params double[] values) => Gen.Int[0, values.Length - 1].Select(place => values[place]);

    static GenerationOptions Search(int length, int beams, int n, double alpha) =>
        new() { MaxLength = length, Choice = new() { Beams = beams, N = n, LengthPenalty = alpha } };

    static List<(string Text, FinishReason? Finish, Choice Choice, float[] State)> Run(RecurrentModel model, GenerationOptions options) =>
        RunAsync(model, options).GetAwaiter().GetResult();

    static async Task<List<(string Text, FinishReason? Finish, Choice Choice, float[] State)>> RunAsync(RecurrentModel model, GenerationOptions options)
    {
        var (timesteps, run) = await new TestEngine(models: model).RunAsync(new() { Model = "test", Input = new() { Text = "a" }, Generation = options });
        var state = run.State.Values.ToArray();
        return [.. (run.Choices is [] ? [new Choice(run.Finish!.Value, null, 0, 0)] : run.Choices).Select((choice, index) => (
            string.Concat(timesteps.Where(timestep => timestep.Choice == index).Select(timestep => ((Generated)timestep.Output).Text)),
            run.Finish,
            choice,
            state))];
    }

    /// <summary>Every text after "a", by recursion.</summary>
    static IEnumerable<(string Text, double Score, FinishReason Finish)> AllTexts(RecurrentModel model, int maxLength, double alpha, params string[] stops)
    {
        var vocabulary = ((TokenCodec)model.Input).Vocabulary;
        return After("", 0, 0, Step(model, new RecurrentState(model.Layout), 0));

        IEnumerable<(string Text, double Score, FinishReason Finish)> After(string text, int length, double sum, RecurrentState state)
        {
            var logs = LogSoftmax(model.Read(state));
            foreach (var (token, letter) in vocabulary.Tokens.Index())
            {
                var (longer, total) = (text + letter, sum + logs[token]);
                var score = total / Math.Pow(length + 1, alpha);
                if (token == vocabulary.End)
                {
                    yield return (text, score, FinishReason.End);
                }
                else if (stops.FirstOrDefault(stop => longer.EndsWith(stop, StringComparison.Ordinal)) is { } stop)
                {
                    yield return (longer[..^stop.Length], score, FinishReason.Stop);
                }
                else if (length + 1 == maxLength)
                {
                    yield return (longer, score, FinishReason.Length);
                }
                else
                {
                    foreach (var further in After(longer, length + 1, total, Step(model, state.Copy(), token)))
                    {
                        yield return further;
                    }
                }
            }
        }
    }

    static double LogProbabilityOf(RecurrentModel model, IEnumerable<int> tokens)
    {
        var (sum, state) = (0.0, Step(model, new RecurrentState(model.Layout), 0));
        foreach (var token in tokens)
        {
            sum += LogSoftmax(model.Read(state))[token];
            Step(model, state, token);
        }

        return sum;
    }

    static RecurrentState Step(RecurrentModel model, RecurrentState state, int token)
    {
        model.Step([state], StepInput.Of([token]));
        return state;
    }

    static double[] LogSoftmax(float[] logits)
    {
        var normaliser = logits.Max() + Math.Log(logits.Sum(logit => Math.Exp(logit - logits.Max())));
        return [.. logits.Select(logit => logit - normaliser)];
    }
}
