using Rnn.Engine.Codecs;
using Rnn.Engine.Prediction;

namespace Rnn.Engine.Tests.Prediction;

public sealed class GenerationTests
{
    readonly TestEngine _test = new();

    [Fact]
    public async Task The_same_seed_gives_the_same_text()
    {
        Assert.Equal(await TextAsync(Generate(seed: 1)), await TextAsync(Generate(seed: 1)));
        Assert.NotEqual(await TextAsync(Generate(seed: 1)), await TextAsync(Generate(seed: 2)));
    }

    [Fact]
    public async Task A_generation_is_steps_that_feed_each_drawn_token_back()
    {
        var session = await _test.NewSessionAsync(TestEngine.Characters);
        var (timesteps, run) = await _test.RunAsync(Generate(seed: 4));

        await _test.RunAsync(new() { Session = session, Input = new() { Text = "bad" } });
        foreach (var timestep in timesteps)
        {
            var token = Assert.IsType<Generated>(timestep.Output).Token!.Value;
            var (steps, _) = await _test.RunAsync(new() { Session = session, Input = new() { Tokens = [token] } });
            Assert.Equal(timestep.Step, steps.Single().Step);
        }

        Assert.Equal(await _test.StateAsync(session), run.State.Values);
        Assert.Equal(FinishReason.Length, run.Finish);
    }

    [Fact]
    public async Task A_session_goes_on_without_a_prompt_as_if_it_had_never_paused()
    {
        var whole = await _test.NewSessionAsync(TestEngine.Characters);
        var parts = await _test.NewSessionAsync(TestEngine.Characters);
        var greedy = new GenerationOptions { MaxLength = 10, Sampling = new() { Temperature = 0 } };

        var (all, _) = await _test.RunAsync(new() { Session = whole, Input = new() { Text = "a" }, Generation = greedy });
        var (first, _) = await _test.RunAsync(new() { Session = parts, Input = new() { Text = "a" }, Generation = greedy with { MaxLength = 4 } });
        var (second, _) = await _test.RunAsync(new() { Session = parts, Generation = greedy with { MaxLength = 6 } });

        Assert.Equal(all, first.Concat(second));
        Assert.Equal(await _test.StateAsync(whole), await _test.StateAsync(parts));
    }

    [Fact]
    public async Task A_stop_string_is_not_told_and_the_state_is_the_one_before_it()
    {
        var (free, _) = await _test.RunAsync(Generate(seed: 6));
        var tokens = free.Select(timestep => (Generated)timestep.Output).ToList();
        var stop = string.Concat(tokens.Skip(7).Take(3).Select(token => token.Text));
        var text = string.Concat(tokens.Select(token => token.Text));
        var length = text.IndexOf(stop, StringComparison.Ordinal);

        var (stopped, run) = await _test.RunAsync(Generate(seed: 6, stop));
        var (prefix, same) = await _test.RunAsync(Generate(seed: 6) with { Generation = Options(6) with { MaxLength = length } });

        Assert.Equal(FinishReason.Stop, run.Finish);
        Assert.Equal(prefix, stopped);
        Assert.Equal(same.State.Values, run.State.Values);
        Assert.Equal(3 + length, run.State.Step);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_prompt_is_kept_if_the_stop_string_comes_before_a_whole_token(int letters)
    {
        var (free, _) = await _test.RunAsync(Generate(seed: 6));
        var first = ((Generated)free[0].Output).Text;
        Assert.Single(first);
        var stop = string.Concat(free.Skip(letters).Take(2).Select(timestep => ((Generated)timestep.Output).Text));
        var (session, read) = (await _test.NewSessionAsync(TestEngine.Characters), await _test.NewSessionAsync(TestEngine.Characters));

        var (told, run) = await _test.RunAsync(Generate(seed: 6, stop) with { Model = null, Session = session });

        await _test.RunAsync(new() { Session = read, Input = new() { Text = "bad" + first[..letters] } });
        Assert.Equal((letters, FinishReason.Stop), (told.Count, run.Finish));
        Assert.Equal(3 + letters, await _test.StepAsync(session));
        Assert.Equal(await _test.StateAsync(read), await _test.StateAsync(session));
    }

    [Fact]
    public async Task A_prompt_is_kept_if_the_text_ends_with_it()
    {
        using var folder = new ModelFolder(Golden.FolderOf(TestEngine.Characters));
        var drawn = ((Generated)(await _test.RunAsync(Greedy(TestEngine.Characters))).Timesteps[0].Output).Text;
        folder.Edit("\"start\": \"\\n\"", $"\"start\": \"\\n\", \"end\": \"{drawn}\"");
        var test = new TestEngine(models: folder.Load());
        var (session, read) = (await test.NewSessionAsync("test"), await test.NewSessionAsync("test"));

        var (told, run) = await test.RunAsync(Greedy(null) with { Session = session });

        await test.RunAsync(new() { Session = read, Input = new() { Text = "bad" } });
        Assert.Equal((0, FinishReason.End), (told.Count, run.Finish));
        Assert.Equal(await test.StateAsync(read), await test.StateAsync(session));
    }

    static InferenceRequest Greedy(string? model) => new()
    {
        Model = model,
        Input = new() { Text = "bad" },
        Generation = new() { MaxLength = 5, Sampling = new() { Temperature = 0 } },
    };

    [Fact]
    public async Task What_was_held_back_is_told_when_the_length_ends_it()
    {
        var (free, _) = await _test.RunAsync(Generate(seed: 6));
        var last = ((Generated)free[^1].Output).Text;

        var (held, run) = await _test.RunAsync(Generate(seed: 6, last + "漢"));

        Assert.Equal(free, held);
        Assert.Equal(FinishReason.Length, run.Finish);
    }

    [Fact]
    public async Task A_stream_that_is_cut_off_leaves_the_session_at_the_last_timestep_told()
    {
        var session = await _test.NewSessionAsync(TestEngine.Characters);
        var (all, _) = await _test.RunAsync(Generate(seed: 9));

        using (var run = await _test.Engine.StartAsync(Generate(seed: 9) with { Model = null, Session = session }, TestContext.Current.CancellationToken))
        {
            Assert.Equal(all.Take(3), await run.RunAsync(TestContext.Current.CancellationToken).Take(3).ToListAsync(TestContext.Current.CancellationToken));
            Assert.True(await run.CommitAsync("", default));
        }

        Assert.Equal(all[2].Step, await _test.StepAsync(session));
    }

    [Fact]
    public async Task A_run_that_is_cancelled_before_anything_was_told_leaves_the_session_as_it_was()
    {
        var session = await _test.NewSessionAsync(TestEngine.Characters);
        using var cancelled = new CancellationTokenSource();
        using var run = await _test.Engine.StartAsync(Generate(seed: 9) with { Model = null, Session = session }, TestContext.Current.CancellationToken);
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await run.RunAsync(cancelled.Token).ToListAsync(TestContext.Current.CancellationToken));
        Assert.True(await run.CommitAsync("", default));

        Assert.Equal(0, await _test.StepAsync(session));
    }

    [Fact]
    public async Task Without_a_prompt_the_start_token_begins()
    {
        var (bare, _) = await _test.RunAsync(Generate(seed: 2) with { Input = new() });
        var (start, _) = await _test.RunAsync(Generate(seed: 2) with { Input = new() { Text = "\n" } });

        Assert.Equal(start, bare);
    }

    [Fact]
    public async Task An_end_token_ends_the_text_and_is_not_part_of_it()
    {
        using var folder = new ModelFolder(Golden.FolderOf(TestEngine.Characters));
        folder.Edit("\"start\": \"\\n\"", "\"start\": \"\\n\", \"end\": \"h\"");
        var test = new TestEngine(models: folder.Load());

        var (timesteps, run) = await test.RunAsync(new()
        {
            Model = "test",
            Input = new() { Text = "a" },
            Generation = new() { MaxLength = 1000, Sampling = new() { Seed = 1 } },
        });

        Assert.Equal(FinishReason.End, run.Finish);
        Assert.DoesNotContain(timesteps, timestep => ((Generated)timestep.Output).Text == "h");
    }

    [Fact]
    public async Task A_series_goes_on_by_its_own_values()
    {
        // h' = 2 x, y = h: each value is twice the one before.
        using var folder = new ModelFolder(
            """
            {
              "format": 1,
              "input": { "kind": "features", "features": [{ "name": "x" }] },
              "layers": [{ "kind": "elman", "name": "rnn", "hiddenSize": 1, "bias": false, "activation": "relu" }],
              "output": { "kind": "values", "values": [{ "name": "x" }] }
            }
            """,
            ("rnn.weight_ih_l0", [1, 1], [2]), ("rnn.weight_hh_l0", [1, 1], [0]));
        var test = new TestEngine(models: folder.Load());

        var (timesteps, _) = await test.RunAsync(new()
        {
            Model = "test",
            Input = new() { Values = [[1], [3]] },
            Generation = new() { MaxLength = 4 },
        });

        Assert.Equal([6, 12, 24, 48], timesteps.Select(timestep => Assert.IsType<ValueVector>(timestep.Output).Values.Single()));
        Assert.Equal([3, 4, 5, 6], timesteps.Select(timestep => timestep.Step));
    }

    [Theory]
    [InlineData(0, "/maxLength")]
    [InlineData(5000, "/maxLength")]
    public async Task A_length_out_of_range_is_named(int maxLength, string pointer) =>
        Assert.Equal(pointer, (await FailAsync(Generate(1) with { Generation = new() { MaxLength = maxLength } })).Pointer);

    [Fact]
    public async Task Stop_strings_out_of_range_are_named()
    {
        Assert.Equal("/stop/1", (await FailAsync(Generate(1, "a", ""))).Pointer);
        Assert.Equal("/stop/0", (await FailAsync(Generate(1, new string('a', 257)))).Pointer);
        Assert.Equal("/stop", (await FailAsync(Generate(1, [.. Enumerable.Repeat("a", 17)]))).Pointer);
    }

    [Fact]
    public async Task A_model_whose_output_is_no_input_does_not_generate() =>
        Assert.Equal(ErrorKind.NotSupported, (await FailAsync(Generate(1) with { Model = TestEngine.Words })).Kind);

    static GenerationOptions Options(ulong seed) => new() { MaxLength = 30, Sampling = new() { Seed = seed } };

    static InferenceRequest Generate(ulong seed, params string[] stop) => new()
    {
        Model = TestEngine.Characters,
        Input = new() { Text = "bad" },
        Generation = Options(seed) with { Stop = stop },
    };

    async Task<string> TextAsync(InferenceRequest request) =>
        string.Concat((await _test.RunAsync(request)).Timesteps.Select(timestep => ((Generated)timestep.Output).Text));

    async Task<EngineException> FailAsync(InferenceRequest request) =>
        await Assert.ThrowsAsync<EngineException>(() => _test.Engine.StartAsync(request, TestContext.Current.CancellationToken));
}
