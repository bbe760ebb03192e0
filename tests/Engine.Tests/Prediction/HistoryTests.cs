using Rnn.Engine.Prediction;
using Rnn.Engine.Sessions;

namespace Rnn.Engine.Tests.Prediction;

/// <summary>Earlier states of a session: kept, read, rewound to, forked from.</summary>
public sealed class HistoryTests
{
    const string Text = "abcdefghabcdefgh";

    readonly TestEngine _test = new();

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, Readout.Last)]
    [InlineData(5, Readout.Last)]
    [InlineData(5, Readout.All)]
    [InlineData(16, Readout.Last)]
    [InlineData(100, Readout.All)]
    public async Task The_last_states_are_kept_and_are_those_that_single_steps_would_have_had(int history, Readout readout)
    {
        var session = await _test.NewSessionAsync(TestEngine.Characters, history);

        await _test.RunAsync(new() { Session = session, Input = new() { Text = Text[..7] }, Readout = readout });
        await _test.RunAsync(new() { Session = session, Input = new() { Text = Text[7..] }, Readout = readout });

        var earliest = Math.Max(0, Text.Length - history);
        for (var step = earliest; step <= Text.Length; step++)
        {
            Assert.Equal(await ReplayAsync(step), await _test.StateAsync(session, step));
        }

        Assert.Equal(ErrorKind.StepNotKept, (await Assert.ThrowsAsync<EngineException>(() => _test.StateAsync(session, earliest - 1))).Kind);
    }

    [Fact]
    public async Task A_generation_passes_its_states_one_by_one_and_never_those_it_did_not_tell()
    {
        var generation = new GenerationOptions { MaxLength = 6, Sampling = new() { Temperature = 0 } };
        var session = await _test.NewSessionAsync(TestEngine.Characters, history: 8);
        var single = await _test.NewSessionAsync(TestEngine.Characters);
        await _test.RunAsync(new() { Session = single, Input = new() { Text = "abc" } });

        await _test.RunAsync(new() { Session = session, Input = new() { Text = "abc" }, Generation = generation });

        for (var step = 3; step <= 9; step++)
        {
            Assert.Equal(await _test.StateAsync(single), await _test.StateAsync(session, step));
            await _test.RunAsync(new() { Session = single, Generation = generation with { MaxLength = 1 } });
        }
    }

    [Fact]
    public async Task A_rewound_session_goes_on_as_if_what_came_after_had_never_been_and_says_that_it_was_put_back()
    {
        var session = await _test.NewSessionAsync(TestEngine.Characters, history: 10);
        await _test.RunAsync(new() { Session = session, Input = new() { Text = Text[..4] } });
        await _test.RunAsync(new() { Session = session, Input = new() { Text = "hhh" } });

        var rewound = await _test.Sessions.RewindAsync(session, 4, "7", Aborted);

        Assert.Equal(("4.1", 4), (rewound.Tag, rewound.State.Step));
        Assert.Equal(ErrorKind.StepNotKept, (await Assert.ThrowsAsync<EngineException>(() => _test.StateAsync(session, 5))).Kind);
        await _test.RunAsync(new() { Session = session, ExpectedTag = "4.1", Input = new() { Text = Text[4..8] } });
        Assert.Equal(await ReplayAsync(8), await _test.StateAsync(session));
        Assert.Equal(await ReplayAsync(2), await _test.StateAsync(session, 2));
        Assert.Equal("8.1", (await _test.Sessions.GetAsync(session, Aborted)).Tag);
    }

    [Fact]
    public async Task A_fork_goes_its_own_way_from_now_or_from_an_earlier_step()
    {
        var session = await _test.NewSessionAsync(TestEngine.Characters, history: 10);
        await _test.RunAsync(new() { Session = session, Input = new() { Text = Text[..6] } });

        var now = await _test.Sessions.ForkAsync(session, new(), null, Aborted);
        var earlier = await _test.Sessions.ForkAsync(session, new() { Id = "earlier", History = 3 }, 4, Aborted);
        await _test.RunAsync(new() { Session = "earlier", Input = new() { Text = Text[4..8] } });
        await _test.RunAsync(new() { Session = now.Id, Input = new() { Text = Text[6..8] } });

        Assert.Equal(await ReplayAsync(8), await _test.StateAsync("earlier"));
        Assert.Equal(await ReplayAsync(8), await _test.StateAsync(now.Id));
        Assert.Equal(6, await _test.StepAsync(session));
        Assert.Equal(await ReplayAsync(6), await _test.StateAsync("earlier", 6));
    }

    [Fact]
    public async Task Thousands_of_forks_share_the_state_they_begin_with()
    {
        var session = await _test.NewSessionAsync(TestEngine.Characters);
        await _test.RunAsync(new() { Session = session, Input = new() { Text = "abc" } });
        var forks = new List<SessionRecord>();

        for (var i = 0; i < 2_000; i++)
        {
            forks.Add(await _test.Sessions.ForkAsync(session, new(), null, Aborted));
        }

        var values = (await _test.Sessions.GetAsync(session, Aborted)).State.Values;
        Assert.All(forks, fork => Assert.Same(values, fork.State.Values));
        await _test.RunAsync(new() { Session = forks[0].Id, Input = new() { Text = "d" } });
        Assert.Equal(await ReplayAsync(3), await _test.StateAsync(forks[1].Id));
    }

    [Fact]
    public async Task A_peek_tells_what_would_come_and_leaves_the_session_where_it_is()
    {
        var session = await _test.NewSessionAsync(TestEngine.Characters, history: 4);
        await _test.RunAsync(new() { Session = session, Input = new() { Text = "abc" } });
        var before = await _test.Sessions.GetAsync(session, Aborted);

        var (peeked, _) = await _test.RunAsync(new() { Session = session, Commits = false, ExpectedTag = "3", Input = new() { Text = "d" } });

        Assert.Same(before, await _test.Sessions.GetAsync(session, Aborted));
        var (stepped, _) = await _test.RunAsync(new() { Session = session, Input = new() { Text = "d" } });
        Assert.Equivalent(stepped, peeked);
    }

    /// <summary>The state after the first timesteps of the text, from the zero state.</summary>
    async Task<float[]> ReplayAsync(int timesteps)
    {
        var session = await _test.NewSessionAsync(TestEngine.Characters);
        if (timesteps > 0)
        {
            await _test.RunAsync(new() { Session = session, Input = new() { Text = Text[..timesteps] } });
        }

        return await _test.StateAsync(session);
    }
}
