namespace Rnn.Engine.Scheduling;

/// <summary>
/// Whether one more call may wait for a model: by how long it would, not only by how many do. As many as make the next batch of
/// every processor always may. Without them a processor would stand idle; with them a call takes about twice as long as in full
/// batches that nobody waits for.
/// <para>
/// A burst may wait for <see cref="BatchOptions.MaxQueueTime"/>. But a model that has had no idle moment for that long is not in a
/// burst, and what waits for it does not get fewer by waiting: then it is a tenth of that time (as CoDel tells a good queue from a
/// bad one: Nichols and Jacobson, 2012).
/// </para>
/// Not thread-safe.
/// </summary>
/// <param name="options">How many and how long.</param>
/// <param name="batch">Most calls that the model's ticks run together.</param>
/// <param name="time">The clock.</param>
sealed class Backlog(BatchOptions options, int batch, TimeProvider time)
{
    const double OverloadedShare = 0.1;

    // About so far back does the rate reach: many ticks, and less than a change of load takes to be felt.
    const double RateSeconds = 0.1;

    readonly int _always = Math.Min(options.QueueLimit, batch * Environment.ProcessorCount);
    long _busySince;
    long _lastTick;
    double _rate;                                          // timesteps a second; 0 while it is not known

    /// <summary>The first tick begins after there was none.</summary>
    public void Begin() => _busySince = _lastTick = time.GetTimestamp();

    /// <summary>A tick has ended.</summary>
    /// <param name="rows">How many timesteps it has run, of all calls together.</param>
    /// <param name="isFull">Whether it could take no more: only then it shows what the model can do.</param>
    public void Ran(int rows, bool isFull)
    {
        var now = time.GetTimestamp();
        var seconds = time.GetElapsedTime(_lastTick, now).TotalSeconds;
        _lastTick = now;
        if (isFull && seconds > 0)
        {
            // By the clock on the wall: what the requests themselves take counts too.
            _rate = _rate == 0 ? rows / seconds : (rows + _rate * RateSeconds) / (seconds + RateSeconds);
        }
    }

    /// <summary>Whether one more may wait.</summary>
    /// <param name="waiting">How many do.</param>
    /// <param name="timesteps">How many timesteps the call has: each of them waits for one of everybody else's.</param>
    public bool HasRoom(int waiting, int timesteps)
    {
        if (waiting < _always || waiting >= options.QueueLimit)
        {
            return waiting < _always;
        }

        var now = time.GetTimestamp();
        var isOverloaded = time.GetElapsedTime(_busySince, now) > options.MaxQueueTime;
        return Waits(waiting, timesteps, now) <= options.MaxQueueTime * (isOverloaded ? OverloadedShare : 1);
    }

    /// <returns>How long; at least as long as nothing has come out already.</returns>
    TimeSpan Waits(int waiting, int timesteps, long now)
    {
        var seconds = _rate == 0 ? 0 : waiting * (double)timesteps / _rate;
        return TimeSpan.FromSeconds(Math.Max(seconds, time.GetElapsedTime(_lastTick, now).TotalSeconds));
    }
}
