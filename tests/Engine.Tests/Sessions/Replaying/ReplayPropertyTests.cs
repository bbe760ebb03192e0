using CsCheck;
using Rnn.Engine.Layers;

namespace Rnn.Engine.Tests.Sessions.Replaying;

/// <summary>Whatever is done to a session, what it keeps of its inputs leads to where it is.</summary>
public sealed class ReplayPropertyTests
{
    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    [Fact]
    public async Task After_any_calls_a_replay_on_the_same_weights_leads_to_the_same_bits() =>
        await Gen.Int[0, 9].Array[1, 25].Select(Gen.Int).SampleAsync(async (operations, seed) =>
        {
            var random = new Random(seed);
            using var test = new Changing(new(), SmallModels.Text("lstm", 4, seed: 1));
            var session = await test.NewAsync(keptInputs: 60, history: 8);
            foreach (var operation in operations)
            {
                session = await ApplyAsync(test, session, operation, random);
            }

            var record = await test.RecordAsync(session);
            if (record.Inputs!.LostAt is null)
            {
                var replayed = await test.Sessions.MoveByReplayAsync(session, 1, null, Aborted);
                Assert.Equal((record.State.Step, record.Tag), (replayed.State.Step, replayed.Tag));
                Assert.Equal(record.State.Values, replayed.State.Values);
                foreach (var state in record.History)
                {
                    Assert.Equal(state.Values, replayed.History.Single(other => other.Step == state.Step).Values);
                }
            }
            else
            {
                Assert.True(record.Inputs.LostAt > 60 || operations.Contains(8), $"It was lost at step {record.Inputs.LostAt}.");
            }
        }, iter: 300);

    static async Task<string> ApplyAsync(Changing test, string session, int operation, Random random)
    {
        var record = await test.RecordAsync(session);
        int? beams = random.Next(3) == 0 ? 2 : null;
        var text = new string('a', 1 + random.Next(3)) + "bc"[random.Next(2)];
        switch (operation)
        {
            case 0 or 1:
                await test.ReadAsync(session, text);
                break;
            case 2 or 3:
                await test.RunAsync(new()
                {
                    Session = session,
                    Input = new() { Text = text },
                    Generation = new()
                    {
                        MaxLength = 1 + random.Next(6),
                        Stop = random.Next(2) == 0 ? ["ab"] : [],
                        Sampling = new() { Seed = beams is null ? (ulong)random.Next() : null },
                        Choice = new() { N = 1 + random.Next(2), Echo = random.Next(3) == 0, Beams = beams },
                    },
                });
                break;
            case 4 when record.History is [_, ..]:
                await test.Sessions.RewindAsync(session, record.History[random.Next(record.History.Count)].Step, null, Aborted);
                break;
            case 5 when record.History is [_, ..]:
                return (await test.Sessions.ForkAsync(session, new(), record.History[random.Next(record.History.Count)].Step, Aborted)).Id;
            case 6 when random.Next(4) == 0:
                await test.Sessions.ResetAsync(session, null, Aborted);
                break;
            case 7:
                await CutOffAsync(test, session, text);
                break;
            case 8 when random.Next(4) == 0:
                await test.Sessions.ReplaceStateAsync(session, layout => RecurrentState.Of(layout, 3, new float[layout.Size]), null, Aborted);
                break;
            case 9:
                await test.Sessions.MoveAsync(session, 1, null, Aborted);
                break;
            default:
                await test.RunAsync(new() { Session = session, Input = new() { Text = text }, Commits = false });
                break;
        }

        return session;
    }

    /// <summary>A stream that is left after some timesteps, each of which was committed.</summary>
    static async Task CutOffAsync(Changing test, string session, string text)
    {
        using var run = await test.Engine.StartAsync(
            new() { Session = session, Input = new() { Text = text }, Generation = new() { MaxLength = 9, Stop = ["aab"] } }, Aborted);
        var told = 0;
        await foreach (var _ in run.RunAsync(Aborted))
        {
            Assert.True(await run.CommitAsync("", default));
            if (++told == 4)
            {
                break;
            }
        }
    }
}
