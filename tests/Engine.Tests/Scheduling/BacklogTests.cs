using Microsoft.Extensions.Time.Testing;
using Rnn.Engine.Scheduling;

namespace Rnn.Engine.Tests.Scheduling;

public sealed class BacklogTests
{
    const int Batch = 4;
    const int PerSecond = 1_000;

    static readonly BatchOptions Options = new() { QueueLimit = 5_000, MaxQueueTime = TimeSpan.FromMilliseconds(100) };
    static readonly int Always = Batch * Environment.ProcessorCount;

    readonly FakeTimeProvider _time = new();
    readonly Backlog _backlog;
    bool _hasBegun;

    public BacklogTests() => _backlog = new(Options, Batch, _time);

    [Fact]
    public void What_fills_the_next_batches_may_always_wait()
    {
        _backlog.Begin();
        _time.Advance(TimeSpan.FromHours(1));              // nothing has come out, and nothing will soon

        Assert.True(_backlog.HasRoom(Always - 1, timesteps: 1_000_000));
        Assert.False(_backlog.HasRoom(Always, timesteps: 1));
    }

    [Fact]
    public void Nobody_is_refused_before_it_is_known_what_the_model_can_do()
    {
        _backlog.Begin();

        Assert.True(_backlog.HasRoom(Options.QueueLimit - 1, timesteps: 1));
        Assert.False(_backlog.HasRoom(Options.QueueLimit, timesteps: 1));
    }

    [Fact]
    public void A_burst_may_wait_for_as_long_as_is_set()
    {
        Run();
        _backlog.Begin();

        Assert.True(_backlog.HasRoom(waiting: 100, timesteps: 1));         // of 1,000 a second
        Assert.False(_backlog.HasRoom(waiting: 101, timesteps: 1));
    }

    [Fact]
    public void The_longer_a_call_is_the_fewer_it_may_wait_for()
    {
        Run();
        _backlog.Begin();

        Assert.True(_backlog.HasRoom(waiting: 20, timesteps: 5));
        Assert.False(_backlog.HasRoom(waiting: Always + 1, timesteps: 100));
    }

    [Fact]
    public void A_model_that_has_had_no_idle_moment_for_that_long_is_in_no_burst()
    {
        _backlog.Begin();
        for (var tick = 0; tick <= 100; tick++)
        {
            Run();
        }

        Assert.False(_backlog.HasRoom(waiting: Math.Max(Always, 11), timesteps: 1));       // a tenth of 100 ms is 10 at 1,000 a second

        _backlog.Begin();
        Assert.True(_backlog.HasRoom(waiting: Math.Max(Always, 11), timesteps: 1));
    }

    [Fact]
    public void A_tick_that_does_not_end_makes_everybody_wait()
    {
        Run();
        _backlog.Begin();
        _time.Advance(Options.MaxQueueTime / 2);
        Assert.True(_backlog.HasRoom(Always, timesteps: 1));

        _time.Advance(Options.MaxQueueTime);

        Assert.False(_backlog.HasRoom(Always, timesteps: 1));
    }

    [Fact]
    public void Ticks_that_could_have_taken_more_tell_nothing_of_what_the_model_can_do()
    {
        Run();
        for (var tick = 0; tick < 1_000; tick++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            _backlog.Ran(rows: 1, isFull: false);
        }

        _backlog.Begin();
        Assert.True(_backlog.HasRoom(waiting: 100, timesteps: 1));
    }

    [Fact]
    public void A_model_that_becomes_slower_is_known_to_be_so_soon()
    {
        Run();
        for (var tick = 0; tick < 10; tick++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            _backlog.Ran(PerSecond / 100, isFull: true);   // a tenth of what it did
        }

        _backlog.Begin();
        Assert.False(_backlog.HasRoom(waiting: Math.Max(Always, 20), timesteps: 1));
    }

    /// <summary>A full tick at 1,000 timesteps a second.</summary>
    void Run()
    {
        if (!_hasBegun)
        {
            _backlog.Begin();
            _hasBegun = true;
        }

        _time.Advance(TimeSpan.FromMilliseconds(4));
        _backlog.Ran(PerSecond * 4 / 1_000, isFull: true);
    }
}
