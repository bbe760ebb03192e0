using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Prediction;
using Rnn.Engine.Sampling;

namespace Rnn.Engine.Tests.Prediction;

public sealed class ChoiceTests
{
    const float Tolerance = 1e-5f;

    readonly TestEngine _test = new();

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_choice_is_what_its_seed_draws_alone()
    {
        var (timesteps, run) = await _test.RunAsync(Generate(new() { N = 5 }, "e"));

        Assert.Equal(5, run.Choices.Select(choice => choice.Seed).Distinct().Count());
        Assert.Equal(7ul, run.Choices[0].Seed);
        foreach (var (index, choice) in run.Choices.Index())
        {
            var (alone, same) = await _test.RunAsync(Generate(new(), "e") with { Generation = Options(choice.Seed!.Value, "e") });
            Assert.Equal(alone, timesteps.Where(timestep => timestep.Choice == index).Select(timestep => timestep with { Choice = 0 }));
            Assert.Equal(same.Finish, choice.Finish);
        }
    }

    [Fact]
    public async Task Choices_take_turns_in_the_same_order_every_time()
    {
        var (first, _) = await _test.RunAsync(Generate(new() { N = 4 }, "a", "e"));
        var (again, _) = await _test.RunAsync(Generate(new() { N = 4 }, "a", "e"));

        Assert.Equal(first, again);
    }

    [Fact]
    public async Task A_session_goes_on_along_the_first_and_is_nowhere_else_on_the_way()
    {
        var (session, alone) = (await _test.NewSessionAsync(TestEngine.Characters, history: 4), await _test.NewSessionAsync(TestEngine.Characters, history: 4));
        await _test.RunAsync(Generate(new()) with { Model = null, Session = alone });

        using (var run = await _test.Engine.StartAsync(Generate(new() { N = 3 }) with { Model = null, Session = session }, Aborted))
        {
            await foreach (var timestep in run.RunAsync(Aborted))
            {
                Assert.Equal(timestep.Step, run.State.Step);
            }

            Assert.True(await run.CommitAsync("", default));
        }

        foreach (var step in new long?[] { null, 31, 30, 29 })
        {
            Assert.Equal(await _test.StateAsync(alone, step), await _test.StateAsync(session, step));
        }
    }

    [Fact]
    public async Task Cut_off_a_session_is_where_the_first_was_told()
    {
        var session = await _test.NewSessionAsync(TestEngine.Characters);
        using (var run = await _test.Engine.StartAsync(Generate(new() { N = 3 }) with { Model = null, Session = session }, Aborted))
        {
            var told = await run.RunAsync(Aborted).Take(8).ToListAsync(Aborted);
            Assert.Equal([0, 1, 2, 0, 1, 2, 0, 1], told.Select(timestep => timestep.Choice));
            Assert.True(await run.CommitAsync("", default));
        }

        Assert.Equal(6, await _test.StepAsync(session));
    }

    [Fact]
    public async Task Of_those_drawn_the_ones_with_the_highest_log_probability_per_token_are_told()
    {
        var (_, all) = await _test.RunAsync(Generate(new() { N = 9 }, "e", "b"));

        var (timesteps, best) = await _test.RunAsync(Generate(new() { N = 3, BestOf = 9 }, "e", "b"));

        Assert.Equal(all.Choices.OrderByDescending(choice => choice.Score).Take(3), best.Choices);
        Assert.Equal(best.Choices[0].Seed, best.Seed);
        var (alone, same) = await _test.RunAsync(Generate(new()) with { Generation = Options(best.Seed!.Value, "e", "b") });
        Assert.Equal(alone, timesteps.Where(timestep => timestep.Choice == 0));
        Assert.Equal(same.State.Values, best.State.Values);
        Assert.Equal(same.Finish, best.Finish);
    }

    [Fact]
    public async Task The_log_probability_is_the_sum_of_those_of_its_tokens()
    {
        var (timesteps, run) = await _test.RunAsync(Generate(new() { N = 3, LogProbabilities = 2 }));

        foreach (var (index, choice) in run.Choices.Index())
        {
            var tokens = timesteps.Where(timestep => timestep.Choice == index).Select(timestep => (Generated)timestep.Output).ToList();
            Assert.Equal(tokens.Sum(token => (double)token.Score!.LogProbability!.Value), choice.LogProbability, 1e-9);
            Assert.Equal(choice.LogProbability / 30, choice.Score, 1e-12);
            foreach (var token in tokens)
            {
                Assert.Equal(Math.Log(token.Probability!.Value), token.Score!.LogProbability!.Value, Tolerance);
                Assert.Equal(2, token.Score.Top.Count);
                Assert.True(token.Score.Top[0].LogProbability >= token.Score.Top[1].LogProbability);
                Assert.True(token.Score.Top[0].LogProbability >= token.Score.LogProbability);
            }
        }
    }

    [Fact]
    public async Task An_echo_tells_the_prompt_first_and_changes_nothing_of_what_follows()
    {
        var (silent, without) = await _test.RunAsync(Generate(new() { LogProbabilities = 3 }));
        var (told, with) = await _test.RunAsync(Generate(new() { LogProbabilities = 3, Echo = true }));
        var (scored, _) = await _test.RunAsync(new()
        {
            Model = TestEngine.Characters,
            From = RunToB,
            Input = new() { Text = "ad" },
            ScoredTop = 3,
        });

        var prompt = told.Take(3).Select(timestep => (Generated)timestep.Output).ToList();
        Assert.Equal("bad", string.Concat(prompt.Select(token => token.Text)));
        Assert.Null(prompt[0].Score!.LogProbability);
        Assert.Equal(
            scored.Select(timestep => ((Generated)timestep.Output).Score!.LogProbability), prompt.Skip(1).Select(token => token.Score!.LogProbability));
        Assert.Equal([1L, 2, 3], told.Take(3).Select(timestep => timestep.Step));
        Assert.Equal(silent.Select(Drawn), told.Skip(3).Select(Drawn));
        Assert.Equal(without.State.Values, with.State.Values);
        Assert.Equal(without.Seed, with.Seed);

        static (long, int?, float?) Drawn(Timestep timestep) =>
            (timestep.Step, ((Generated)timestep.Output).Token, ((Generated)timestep.Output).Score!.LogProbability);
    }

    [Fact]
    public async Task An_echo_that_is_cut_off_leaves_the_session_at_the_last_token_told()
    {
        var (echoed, walked) = (await _test.NewSessionAsync(TestEngine.Characters, history: 5), await _test.NewSessionAsync(TestEngine.Characters));
        using (var run = await _test.Engine.StartAsync(Generate(new() { Echo = true, N = 2 }) with { Model = null, Session = echoed }, Aborted))
        {
            Assert.Equal([0, 1, 0], await run.RunAsync(Aborted).Take(3).Select(timestep => timestep.Choice).ToListAsync(Aborted));
            Assert.True(await run.CommitAsync("", default));
        }

        await _test.RunAsync(new() { Session = walked, Input = new() { Text = "b" } });
        Assert.Equal(await _test.StateAsync(walked), await _test.StateAsync(echoed, 1));
        await _test.RunAsync(new() { Session = walked, Input = new() { Text = "a" } });
        Assert.Equal(await _test.StateAsync(walked), await _test.StateAsync(echoed));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(6)]
    public async Task A_call_that_is_cancelled_ends_and_lets_the_session_go(int? bestOf)
    {
        var session = await _test.NewSessionAsync(TestEngine.Characters);
        using var cancelled = new CancellationTokenSource();
        using (var run = await _test.Engine.StartAsync(Generate(new() { N = 3, BestOf = bestOf }) with { Model = null, Session = session }, Aborted))
        {
            await cancelled.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await run.RunAsync(cancelled.Token).ToListAsync(Aborted));
        }

        await _test.RunAsync(new() { Session = session, Input = new() { Text = "a" } });
        Assert.Equal(1, await _test.StepAsync(session));
    }

    [Fact]
    public async Task Generations_of_masked_tokens_go_on_as_they_do_alone()
    {
        var test = new TestEngine(models: RandomTokenModel.Load(3, "abc", embedding: ", \"maskZero\": true"));
        var request = Generate(new() { N = 4 }) with { Model = "test", Input = new() { Text = "b" } };

        var (timesteps, run) = await test.RunAsync(request);
        var (alone, _) = await test.RunAsync(request with { Generation = Options(run.Choices[3].Seed!.Value) });

        Assert.Contains(timesteps, timestep => ((Generated)timestep.Output).Token == 0);
        Assert.Equal(alone, timesteps.Where(timestep => timestep.Choice == 3).Select(timestep => timestep with { Choice = 0 }));
        await test.RunAsync(request with { Generation = new() { MaxLength = 9, Choice = new() { Beams = 5 } } });
    }

    [Theory]
    [InlineData(-1, null, null, null, 1, "/logProbabilities")]
    [InlineData(21, null, null, null, 1, "/logProbabilities")]
    [InlineData(null, null, null, null, 0, "/n")]
    [InlineData(null, null, null, null, 17, "/n")]
    [InlineData(null, 2, null, null, 3, "/bestOf")]
    [InlineData(null, 65, null, null, 3, "/bestOf")]
    [InlineData(null, null, 0, null, 1, "/beams")]
    [InlineData(null, null, 65, null, 1, "/beams")]
    [InlineData(null, null, 4, null, 5, "/n")]
    [InlineData(null, 4, 4, null, 1, "/bestOf")]
    [InlineData(null, null, 4, -1.0, 1, "/lengthPenalty")]
    [InlineData(null, null, 4, double.NaN, 1, "/lengthPenalty")]
    [InlineData(null, null, null, 1.0, 1, "/lengthPenalty")]
    public async Task Options_out_of_range_are_named(int? top, int? bestOf, int? beams, double? alpha, int n, string pointer)
    {
        var options = new ChoiceOptions { LogProbabilities = top, BestOf = bestOf, Beams = beams, LengthPenalty = alpha, N = n };
        var request = Generate(options) with { Generation = new() { MaxLength = 5, Choice = options } };

        var error = await Assert.ThrowsAsync<EngineException>(() => _test.Engine.StartAsync(request, Aborted));

        Assert.Equal((ErrorKind.InvalidInput, pointer), (error.Kind, error.Pointer));
    }

    public static TheoryData<ChoiceOptions, string> OptionsOfTokens => new()
    {
        { new() { LogProbabilities = 0 }, "/logProbabilities" },
        { new() { Echo = true }, "/echo" },
        { new() { N = 2 }, "/n" },
        { new() { BestOf = 2 }, "/bestOf" },
        { new() { Beams = 2 }, "/beams" },
    };

    [Theory]
    [MemberData(nameof(OptionsOfTokens), DisableDiscoveryEnumeration = true)]
    public async Task A_model_of_values_takes_no_options_of_tokens(ChoiceOptions options, string pointer)
    {
        using var folder = new ModelFolder(
            """
            {
              "format": 1,
              "input": { "kind": "features", "features": [{ "name": "x" }] },
              "layers": [{ "kind": "elman", "name": "rnn", "hiddenSize": 1, "bias": false }],
              "output": { "kind": "values", "values": [{ "name": "x" }] }
            }
            """,
            ("rnn.weight_ih_l0", [1, 1], [2]), ("rnn.weight_hh_l0", [1, 1], [0]));
        var test = new TestEngine(models: folder.Load());
        var request = new InferenceRequest { Model = "test", Input = new() { Values = [[1]] }, Generation = new() { MaxLength = 4, Choice = options } };

        var error = await Assert.ThrowsAsync<EngineException>(() => test.Engine.StartAsync(request, Aborted));

        Assert.Equal((ErrorKind.NotSupported, pointer), (error.Kind, error.Pointer));
    }

    [Fact]
    public async Task All_generations_of_a_call_together_are_limited()
    {
        var test = new TestEngine(limits: new() { MaxGeneratedInAll = 100 });

        var error = await Assert.ThrowsAsync<EngineException>(() => test.Engine.StartAsync(Generate(new() { N = 2, BestOf = 4 }), Aborted));
        await test.RunAsync(Generate(new() { N = 3 }));

        Assert.Equal("/maxLength", error.Pointer);
    }

    [Fact]
    public void Seeds_of_several_draws_differ_and_fit_a_JSON_number()
    {
        var seeds = Enumerable.Range(0, 1000).Select(index => Seeds.Of(5, index)).ToList();

        Assert.Equal(5ul, seeds[0]);
        Assert.Equal(1000, seeds.Distinct().Count());
        Assert.All(seeds, seed => Assert.True(seed < 1ul << 53));
    }

    RecurrentState RunToB(StateLayout layout)
    {
        var state = new RecurrentState(layout);
        var model = _test.Engine.Models.Get(TestEngine.Characters, null);
        model.Step([state], StepInput.Of(((TokenCodec)model.Input).Encode(new() { Text = "b" })[0].Tokens));
        return state;
    }

    static GenerationOptions Options(ulong seed, params string[] stop) => new() { MaxLength = 30, Stop = stop, Sampling = new() { Seed = seed } };

    static InferenceRequest Generate(ChoiceOptions choice, params string[] stop) => new()
    {
        Model = TestEngine.Characters,
        Input = new() { Text = "bad" },
        Generation = Options(7, stop) with { Choice = choice },
    };
}
