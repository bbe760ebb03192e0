using System.Diagnostics.Metrics;
using Rnn.Engine.Callers;
using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Models;
using Rnn.Engine.Prediction;
using Rnn.Engine.Sessions;

namespace Rnn.Engine.Tests.Sessions.Replaying;

public sealed class ReplayTests
{
    static readonly SessionOptions Replays = new() { OnModelChange = ModelChange.Replay };

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> CellPairs() => new(
        from before in SmallModels.Cells.Keys from after in SmallModels.Cells.Keys select (before, after));

    [Theory]
    [MemberData(nameof(CellPairs))]
    public async Task A_text_that_was_read_and_generated_leads_other_weights_to_the_bits_of_a_new_session(string before, string after)
    {
        using var test = new Changing(new(), SmallModels.Text(before, 5, seed: 1), SmallModels.Text(after, 8, seed: 2, version: 2));
        var session = await test.NewAsync(history: 3, version: 1);
        var read = new List<int>();

        await GenerateAsync(new());                        // from nothing: the start token comes first
        read.Insert(0, 0);
        await ReadAsync("abc");
        await GenerateAsync(new() { Prompt = "ca" });
        await GenerateAsync(new() { Prompt = "b", Stop = ["a"] });
        await GenerateAsync(new() { Prompt = "cc", Stop = ["cab", "bb"] });
        await GenerateAsync(new() { Prompt = "b", Choice = new() { N = 3 } });
        await GenerateAsync(new() { Prompt = "ab", Choice = new() { N = 1, BestOf = 4 } });
        await GenerateAsync(new() { Prompt = "ab", Choice = new() { N = 2, Beams = 3 } });
        await GenerateAsync(new() { Prompt = "acb", Choice = new() { N = 2, Echo = true } });
        await GenerateAsync(new() { Prompt = "acb", Choice = new() { Beams = 2, Echo = true } });
        await ReadAsync("b");

        var moved = await test.Sessions.MoveByReplayAsync(session, 2, null, Aborted);

        Assert.Equal((2, read.Count, read.Count), (moved.Version, moved.Inputs!.Rows.Count, moved.State.Step));
        Assert.Equal(read, moved.Inputs.Rows.Tokens.Items.ToArray());
        Assert.Equal(await test.FreshAsync(new() { Tokens = read }, 2), moved.State.Values);
        Assert.Equal(await test.FreshAsync(new() { Tokens = read[..^2] }, 2), moved.History[^2].Values);
        Assert.Equal(3, moved.History.Count);

        async Task ReadAsync(string text)
        {
            await test.ReadAsync(session, text);
            read.AddRange(text.Select(character => "\nabc".IndexOf(character)));
        }

        async Task GenerateAsync(Generation generation)
        {
            var told = new List<Timestep>();
            await test.RunAsync(
                new()
                {
                    Session = session,
                    Input = new() { Text = generation.Prompt },
                    Generation = new() { MaxLength = 12, Stop = generation.Stop, Choice = generation.Choice, Sampling = new() { Seed = generation.Choice.Beams is null ? 7 : null } },
                },
                told);
            var tokens = told.Where(timestep => timestep.Choice == 0).Select(timestep => ((Generated)timestep.Output).Token).OfType<int>();
            read.AddRange(generation.Choice.Echo ? [] : (generation.Prompt ?? "").Select(character => "\nabc".IndexOf(character)));
            read.AddRange(tokens);
        }
    }

    [Theory]
    [InlineData("lstm", "gru")]
    [InlineData("gru", "elman")]
    [InlineData("elman", "lstm")]
    public async Task Numbers_are_replayed_in_their_units_whatever_the_new_weights_scale_them_by(string before, string after)
    {
        using var test = new Changing(
            new(), SmallModels.Series(before, 5, seed: 1), SmallModels.Series(after, 6, seed: 2, version: 2, mean: -4.7));
        var session = await test.NewAsync(version: 1);
        IReadOnlyList<double>[] given = [[9.87654321, 0.1], [11.1, -1 / 3.0], [14, 1e-7]];
        await test.ReadAsync(session, new ModelInput { Values = given });
        await test.RunAsync(new() { Session = session, IsSingleStep = true, Input = new() { Vector = given[0] } });
        var told = new List<Timestep>();
        await test.RunAsync(new() { Session = session, Input = new() { Values = [given[1]] }, Generation = new() { MaxLength = 9 } }, told);

        var moved = await test.Sessions.MoveByReplayAsync(session, 2, null, Aborted);

        Assert.Equal(14, moved.State.Step);
        var fedBack = told.Select(timestep => ((ValueVector)timestep.Output).Values.Select(value => (double)value).ToArray());
        Assert.Equal(await test.FreshAsync(new() { Values = [.. given, given[0], given[1], .. fedBack] }, 2), moved.State.Values);
    }

    [Fact]
    public async Task Timesteps_that_some_weights_skip_are_replayed_on_those_that_do_not()
    {
        const string Masking = """{ "kind": "masking" }, """;
        using var test = new Changing(
            new(), SmallModels.Series("gru", 5, seed: 1, mask: Masking), SmallModels.Series("lstm", 6, seed: 2, version: 2, mean: 4, mask: Masking));
        var session = await test.NewAsync(version: 1, history: 2);
        IReadOnlyList<double>[] given = [[10, 0], [4, 0], [7, 1], [4, 0], [10, 0]];
        await test.ReadAsync(session, new ModelInput { Values = given });
        Assert.Equal((await test.RecordAsync(session)).History[^1].Values, (await test.RecordAsync(session)).State.Values);    // the last was skipped

        var moved = await test.Sessions.MoveByReplayAsync(session, 2, null, Aborted);

        Assert.Equal((5, 5), (moved.State.Step, moved.Inputs!.Rows.Count));
        Assert.Equal(await test.FreshAsync(new() { Values = given }, 2), moved.State.Values);
        Assert.NotEqual(moved.History[^1].Values, moved.State.Values);
    }

    [Fact]
    public async Task Words_of_a_classifier_are_replayed_and_what_was_only_looked_at_is_not()
    {
        using var test = new Changing(new(), SmallModels.Classes("gru", 4, seed: 1), SmallModels.Classes("lstm", 3, seed: 2, version: 2));
        var session = await test.NewAsync(version: 1);
        await test.ReadAsync(session, "good bad what");
        await test.RunAsync(new() { Session = session, Input = new() { Text = "bad" }, Commits = false });
        await test.RunAsync(new() { Session = session, Input = new() { Text = "good" }, Readout = Readout.All });

        var moved = await test.Sessions.MoveByReplayAsync(session, 2, null, Aborted);

        Assert.Equal(await test.FreshAsync(new() { Text = "good bad what good" }, 2), moved.State.Values);
    }

    [Fact]
    public async Task A_call_on_other_weights_replays_first_and_is_one_write_with_it()
    {
        using var test = new Changing(Replays, SmallModels.Text("lstm", 5, seed: 1));
        var session = await test.NewAsync();
        await test.ReadAsync(session, "abcab");
        var before = await test.RecordAsync(session);
        test.Serve(SmallModels.Text("gru", 9, seed: 2));

        Assert.Equal(5, (await test.RunAsync(new() { Session = session, Input = new() { Text = "c" }, ExpectedTag = "5" })).Replayed);

        var after = await test.RecordAsync(session);
        Assert.Equal(("6", 9), (after.Tag, after.State.Values.Length));
        Assert.Equal(await test.FreshAsync(new() { Text = "abcabc" }), after.State.Values);
        Assert.NotEqual(before.Fingerprint, after.Fingerprint);
        Assert.Null((await test.ReadAsync(session, "a")).Replayed);
    }

    [Fact]
    public async Task A_look_at_a_session_on_other_weights_replays_too_and_that_is_kept()
    {
        using var test = new Changing(Replays, SmallModels.Text("lstm", 5, seed: 1));
        var session = await test.NewAsync(history: 2);
        await test.ReadAsync(session, "abcab");
        test.Serve(SmallModels.Text("gru", 9, seed: 2));
        var (other, fresh) = (await test.NewAsync(history: 2), await test.FreshAsync(new() { Text = "abcab" }));
        await test.ReadAsync(other, "abcab");

        var (_, state) = await test.Sessions.GetStateAsync(session, null, Aborted);
        Assert.Equal(fresh, state.Values.ToArray());
        Assert.NotEqual(fresh, (await test.RecordAsync(session)).State.Values);                    // it was read, not used

        Assert.Equal(5, (await test.RunAsync(new() { Session = session, Input = new() { Text = "c" }, Commits = false })).Replayed);

        Assert.Equal(fresh, (await test.RecordAsync(session)).State.Values);
        Assert.Null((await test.RunAsync(new() { Session = session, Input = new() { Text = "c" }, Commits = false })).Replayed);
        var (rewound, same) = (await test.Sessions.RewindAsync(session, 3, null, Aborted), await test.Sessions.RewindAsync(other, 3, null, Aborted));
        Assert.Equal(same.State.Values, rewound.State.Values);
    }

    [Fact]
    public async Task Of_many_calls_at_once_the_first_replays()
    {
        using var test = new Changing(Replays, SmallModels.Text("lstm", 5, seed: 1));
        var session = await test.NewAsync();
        await test.ReadAsync(session, string.Concat(Enumerable.Repeat("abc", 100)));
        test.Serve(SmallModels.Text("gru", 9, seed: 2));

        var runs = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => test.ReadAsync(session, "b"), Aborted)));

        Assert.Equal(300, Assert.Single(runs.Select(run => run.Replayed), replayed => replayed is not null));
        var expected = await test.FreshAsync(new() { Text = string.Concat(Enumerable.Repeat("abc", 100)) + new string('b', 20) });
        Assert.Equal(expected, (await test.RecordAsync(session)).State.Values);
    }

    [Fact]
    public async Task Servers_of_different_weights_replay_for_each_other_and_lose_nothing()
    {
        var (before, after) = (SmallModels.Text("lstm", 5, seed: 1), SmallModels.Text("gru", 9, seed: 2));
        using var test = new Changing(Replays, before);
        var session = await test.NewAsync();
        InferenceEngine[] servers = [.. new[] { before, after }.Select(model => new InferenceEngine(
            new SessionTable(new RemoteStore(test.Store), new Turns(), new VisibleModels(new ModelCatalog([model]), () => Caller.Anyone), Replays, test.Time), new(), new()))];

        await Task.WhenAll(Enumerable.Range(0, 60).Select(call => Task.Run(
            async () =>
            {
                using var run = await servers[call % 2].StartAsync(new() { Session = session, Input = new() { Tokens = [1 + call % 3] } }, Aborted);
                while (true)
                {
                    await foreach (var _ in run.RunAsync(Aborted))
                    {
                    }

                    if (await run.CommitAsync("", default))
                    {
                        break;
                    }

                    await run.BeginAgainAsync(Aborted);
                }
            },
            Aborted)));

        var record = await test.RecordAsync(session);
        var read = record.Inputs!.Rows.Tokens.Items.ToArray();
        Assert.Equal((60, "60"), (read.Length, record.Tag));
        Assert.Equal([20, 20, 20], new[] { 1, 2, 3 }.Select(token => read.Count(other => other == token)));
        test.Serve(record.Fingerprint == before.Layout.Fingerprint ? before : after);
        Assert.Equal(await test.FreshAsync(new() { Tokens = read }), record.State.Values);
    }

    [Theory]
    [InlineData(ModelChange.Pin, 100)]
    [InlineData(ModelChange.Replay, 0)]
    [InlineData(ModelChange.Replay, 3)]
    public async Task A_session_whose_inputs_are_not_kept_or_not_to_be_replayed_waits_for_its_weights(ModelChange change, int keptInputs)
    {
        var model = SmallModels.Text("lstm", 5, seed: 1);
        using var test = new Changing(new() { OnModelChange = change }, model);
        var session = await test.NewAsync(keptInputs);
        await test.ReadAsync(session, "abca");
        var before = await test.RecordAsync(session);
        test.Serve(SmallModels.Text("lstm", 5, seed: 2));

        var refused = await Assert.ThrowsAsync<EngineException>(() => test.ReadAsync(session, "a"));

        Assert.Equal(ErrorKind.ModelChanged, refused.Kind);
        Assert.Same(before, await test.RecordAsync(session));
        test.Serve(model);
        Assert.Equal(5, (await test.ReadAsync(session, "a")).State.Step);
    }

    [Fact]
    public async Task A_replay_that_leaves_the_range_of_numbers_leaves_the_session_as_it_was()
    {
        using var test = new Changing(Replays, SmallModels.Growing(1));
        var session = await test.NewAsync();
        await test.ReadAsync(session, new ModelInput { Values = [.. Enumerable.Repeat<double[]>([1, 1], 200)] });
        var before = await test.RecordAsync(session);
        test.Serve(SmallModels.Growing(1e6f));

        var refused = await Assert.ThrowsAsync<EngineException>(() => test.ReadAsync(session, new ModelInput { Values = [[1, 1]] }));
        var unmoved = await Assert.ThrowsAsync<EngineException>(() => test.Sessions.MoveByReplayAsync(session, 1, null, Aborted));

        Assert.Equal(ErrorKind.ModelChanged, refused.Kind);
        Assert.Equal(ErrorKind.StateRefused, unmoved.Kind);
        Assert.Contains("float32", unmoved.Message, StringComparison.Ordinal);
        Assert.Same(before, await test.RecordAsync(session));
    }

    [Fact]
    public async Task A_call_that_leaves_in_the_midst_of_a_replay_leaves_the_session_as_it_was()
    {
        using var test = new Changing(Replays, SmallModels.Text("lstm", 5, seed: 1));
        var session = await test.NewAsync(keptInputs: 20_000);
        await test.ReadAsync(session, new string('a', 20_000));
        var before = await test.RecordAsync(session);
        test.Serve(SmallModels.Text("gru", 9, seed: 2));

        foreach (var call in new Func<CancellationToken, Task>[]
        {
            aborted => test.Engine.StartAsync(new() { Session = session, Input = new() { Text = "b" } }, aborted),
            aborted => test.Sessions.MoveByReplayAsync(session, 1, null, aborted),
        })
        {
            using var leaves = new CancellationTokenSource();
            using var ticks = new MeterListener();
            ticks.InstrumentPublished = (instrument, listener) =>
            {
                if (ReferenceEquals(instrument.Meter, test.Meter) && instrument.Name == "rnn.compute.duration")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            var ticked = 0;
            ticks.SetMeasurementEventCallback<double>((_, _, _, _) =>
            {
                if (++ticked == 3)
                {
                    leaves.Cancel();
                }
            });
            ticks.Start();

            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call(leaves.Token));

            Assert.Equal(3, ticked);
            Assert.Same(before, await test.RecordAsync(session));
        }

        Assert.Equal(20_000, (await test.ReadAsync(session, "b")).Replayed ?? 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Other_tokens_or_features_are_refused(bool areTokens)
    {
        using var test = areTokens
            ? new Changing(Replays, SmallModels.Text("gru", 4, seed: 1), SmallModels.Text("gru", 4, seed: 1, version: 2, vocabulary: """ "\n", "b", "a", "c" """))
            : new Changing(Replays, SmallModels.Series("gru", 4, seed: 1), SmallModels.Series("gru", 4, seed: 1, version: 2, unit: "F"));
        var session = await test.NewAsync(version: 1);
        await test.ReadAsync(session, areTokens ? new() { Text = "abc" } : new ModelInput { Values = [[1, 2]] });
        var before = await test.RecordAsync(session);

        var refused = await Assert.ThrowsAsync<EngineException>(() => test.Sessions.MoveByReplayAsync(session, 2, null, Aborted));

        Assert.Equal(ErrorKind.StateRefused, refused.Kind);
        Assert.Contains(areTokens ? "other tokens" : "other features", refused.Message, StringComparison.Ordinal);
        Assert.Same(before, await test.RecordAsync(session));

        await test.Sessions.MoveAsync(session, 2, null, Aborted);                                  // as it is, at the client's risk
        Assert.NotNull((await test.RecordAsync(session)).Inputs!.LostAt);
    }

    [Fact]
    public async Task What_can_not_be_replayed_says_since_when_until_it_begins_anew()
    {
        using var test = new Changing(new(), SmallModels.Series("gru", 4, seed: 1));
        var (limited, observed, given) = (await test.NewAsync(keptInputs: 2), await test.NewAsync(), await test.NewAsync());
        await test.ReadAsync(limited, new ModelInput { Values = [[1, 2], [3, 4]] });
        Assert.Null((await test.RecordAsync(limited)).Inputs!.LostAt);

        await test.ReadAsync(limited, new ModelInput { Values = [[5, 6]] });
        await test.ReadAsync(limited, new ModelInput { Values = [[5, 6]] });
        await test.RunAsync(new() { Session = observed, Observed = [1, 2], IsSingleStep = true });
        await test.Sessions.ReplaceStateAsync(given, layout => RecurrentState.Of(layout, 7, new float[layout.Size]), null, Aborted);

        foreach (var (session, since) in new[] { (limited, 3), (observed, 1), (given, 7) })
        {
            var lost = (await test.RecordAsync(session)).Inputs!;
            Assert.Equal((since, 0), (lost.LostAt, lost.Rows.Count));
            var refused = await Assert.ThrowsAsync<EngineException>(() => test.Sessions.MoveByReplayAsync(session, 1, null, Aborted));
            Assert.Contains($"at step {since} ", refused.Message, StringComparison.Ordinal);

            await test.Sessions.ResetAsync(session, null, Aborted);
            await test.ReadAsync(session, new ModelInput { Values = [[5, 6]] });
            Assert.Equal(1, (await test.Sessions.MoveByReplayAsync(session, 1, null, Aborted)).Inputs!.Rows.Count);
        }
    }

    [Fact]
    public async Task A_session_that_begins_in_a_given_state_can_not_be_replayed_and_a_fork_has_what_led_to_it()
    {
        using var test = new Changing(new(), SmallModels.Text("lstm", 4, seed: 1), SmallModels.Text("lstm", 5, seed: 2, version: 2));
        var begun = await test.Sessions.CreateAsync(
            test.Engine.Models.Get(SmallModels.Name, 1), new() { InputsKept = 9, State = layout => new RecurrentState(layout) }, Aborted);
        Assert.Equal(0, begun.Inputs!.LostAt);
        var session = await test.NewAsync(history: 2, version: 1);
        await test.ReadAsync(session, "abca");

        var fork = await test.Sessions.ForkAsync(session, new(), 3, Aborted);
        var without = await test.Sessions.ForkAsync(session, new() { InputsKept = 0 }, null, Aborted);
        var tight = await test.Sessions.ForkAsync(session, new() { InputsKept = 3 }, null, Aborted);

        Assert.Equal([1, 2, 3], fork.Inputs!.Rows.Tokens.Items.ToArray());
        Assert.Null(without.Inputs);
        Assert.Equal(4, tight.Inputs!.LostAt);
        Assert.Equal(await test.FreshAsync(new() { Text = "abc" }, 2), (await test.Sessions.MoveByReplayAsync(fork.Id, 2, null, Aborted)).State.Values);
    }

    [Fact]
    public async Task How_much_is_kept_is_limited_and_a_model_that_can_not_be_replayed_keeps_nothing()
    {
        using var test = new Changing(new() { MaxKeptInputs = 50, MaxKeptInputBytes = 160, KeptInputs = 45 }, SmallModels.Text("gru", 4, seed: 1), new ModelLoader().Load("pair", 1, new ModelSource(Golden.FolderOf("encoder-decoder-plain"))), Golden.Load("lstm").Model);
        var (text, pair, values) = (test.Engine.Models.Get(SmallModels.Name, null), test.Engine.Models.Get("pair", null), test.Engine.Models.Get("lstm", null));

        Assert.Equal(40, (await test.Sessions.CreateAsync(text, new(), Aborted)).Inputs!.Limit);
        Assert.Equal(160 / (8 * values.FeatureCount), (await test.Sessions.CreateAsync(values, new(), Aborted)).Inputs!.Limit);
        Assert.Null((await test.Sessions.CreateAsync(pair, new(), Aborted)).Inputs);
        Assert.Equal("/keptInputs", (await Assert.ThrowsAsync<EngineException>(() => test.NewAsync(41))).Pointer);
        Assert.Equal("/keptInputs", (await Assert.ThrowsAsync<EngineException>(() => test.NewAsync(-1))).Pointer);
        var refused = await Assert.ThrowsAsync<EngineException>(() => test.Sessions.CreateAsync(pair, new() { InputsKept = 1 }, Aborted));
        Assert.Equal(ErrorKind.NotSupported, refused.Kind);
    }

    [Fact]
    public async Task A_session_that_begins_with_a_call_keeps_what_it_reads_from_then_on()
    {
        using var test = new Changing(new() { KeptInputs = 100 }, SmallModels.Text("lstm", 4, seed: 1), SmallModels.Text("gru", 5, seed: 2, version: 2));
        var begins = new InferenceRequest { Session = "s", Model = SmallModels.Name, Version = 1, Begins = true, Input = new() { Text = "ab" } };
        await test.RunAsync(begins);
        await test.ReadAsync("s", "c");
        await test.RunAsync(begins);
        await test.ReadAsync("s", "b");

        var moved = await test.Sessions.MoveByReplayAsync("s", 2, null, Aborted);

        Assert.Equal(await test.FreshAsync(new() { Text = "abb" }, 2), moved.State.Values);
    }

    /// <summary>What a test generates.</summary>
    sealed record Generation
    {
        public string? Prompt { get; init; }

        public IReadOnlyList<string> Stop { get; init; } = [];

        public ChoiceOptions Choice { get; init; } = new();
    }
}
