using Rnn.Engine.Codecs;
using Rnn.Engine.Prediction;

namespace Rnn.Engine.Tests.Prediction;

public sealed class ScoringTests
{
    // float32 log-probabilities against float64 of the same logits.
    const double Tolerance = 1e-5;

    readonly TestEngine _test = new();

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_token_is_scored_by_the_output_before_it_however_long_the_text()
    {
        var text = string.Concat(Enumerable.Repeat("a bad café, had he? ", 20));
        var (outputs, _) = await _test.RunAsync(new() { Model = TestEngine.Characters, Input = new() { Text = "\n" + text }, Readout = Readout.All, Top = 12 });

        var (scored, run) = await _test.RunAsync(Score(text) with { ScoredTop = 2 });

        Assert.Equal(text.Length, scored.Count);
        foreach (var (token, output) in scored.Select(timestep => (Generated)timestep.Output).Zip(outputs.Select(output => ((Distribution)output.Output).Candidates)))
        {
            Assert.Equal(Math.Log(output.Single(candidate => candidate.Index == token.Token).Probability), token.Score!.LogProbability!.Value, Tolerance);
            Assert.Equal(output.Take(2).Select(candidate => candidate.Index), token.Score.Top.Select(other => other.Token));
        }

        var sum = scored.Sum(timestep => (double)((Generated)timestep.Output).Score!.LogProbability!.Value);
        Assert.Equal(text.Length, run.Score!.Tokens);
        Assert.Equal(sum, run.Score.LogProbability, 1e-9);
        Assert.Equal(Math.Exp(-sum / text.Length), run.Score.Perplexity!.Value, 1e-9);
        Assert.Equal(Math.Log2(run.Score.Perplexity.Value), run.Score.BitsPerToken!.Value, 1e-9);
    }

    [Fact]
    public async Task A_first_token_before_which_there_is_nothing_is_not_scored()
    {
        var test = new TestEngine(models: RandomTokenModel.Load(1, "abc"));

        var (scored, run) = await test.RunAsync(Score("abc") with { Model = "test" });
        var (_, one) = await test.RunAsync(Score("a") with { Model = "test" });

        Assert.Null(((Generated)scored[0].Output).Score!.LogProbability);
        Assert.Equal(2, run.Score!.Tokens);
        Assert.Equal((0, null, null), (one.Score!.Tokens, one.Score.Perplexity, one.Score.BitsPerToken));
    }

    [Fact]
    public async Task A_session_is_scored_from_where_it_is_and_stays_there()
    {
        var session = await _test.NewSessionAsync(TestEngine.Characters);
        await _test.RunAsync(new() { Session = session, Input = new() { Text = "\nbad " } });

        var (all, _) = await _test.RunAsync(Score("bad cafe"));
        var (rest, run) = await _test.RunAsync(Score("cafe") with { Model = null, Session = session, Commits = false });

        Assert.Equal(Logs(all).Skip(4), Logs(rest));
        Assert.Equal(4, run.Score!.Tokens);
        Assert.Equal(5, await _test.StepAsync(session));
    }

    [Theory]
    [InlineData(TestEngine.Words, "a", 0, ErrorKind.NotSupported, null)]
    [InlineData(TestEngine.Features, null, 0, ErrorKind.NotSupported, null)]
    [InlineData(TestEngine.Characters, "a", 21, ErrorKind.InvalidInput, "/top")]
    [InlineData(TestEngine.Characters, "a", -1, ErrorKind.InvalidInput, "/top")]
    [InlineData(TestEngine.Characters, "", 0, ErrorKind.InvalidInput, "")]
    public async Task What_can_not_be_scored_is_refused(string model, string? text, int top, ErrorKind kind, string? pointer)
    {
        var error = await Assert.ThrowsAsync<EngineException>(
            () => _test.Engine.StartAsync(new() { Model = model, Input = new() { Text = text }, ScoredTop = top }, Aborted));

        Assert.Equal((kind, pointer), (error.Kind, error.Pointer));
    }

    [Fact]
    public void Log_probabilities_are_finite_whatever_the_logits()
    {
        var logs = new float[3];

        new NextTokenHead(["a", "b", "c"], isNormalised: false).LogProbabilities([float.MaxValue, 0, float.MinValue], logs);
        Assert.Equal([0, -float.MaxValue, -float.MaxValue], logs);
        new NextTokenHead(["a", "b", "c"], isNormalised: true).LogProbabilities([1, 0, 0], logs);
        Assert.Equal(0, logs[0]);
        Assert.InRange(logs[1], -104, -103);
        Assert.Null(new SequenceScore(-1e30, 1).Perplexity);
    }

    static IEnumerable<float?> Logs(IEnumerable<Timestep> timesteps) => timesteps.Select(timestep => ((Generated)timestep.Output).Score!.LogProbability);

    static InferenceRequest Score(string text) => new() { Model = TestEngine.Characters, Input = new() { Text = text }, ScoredTop = 0 };
}
