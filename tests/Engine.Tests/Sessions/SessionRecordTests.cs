using Rnn.Engine.Sessions;

namespace Rnn.Engine.Tests.Sessions;

public sealed class SessionRecordTests
{
    [Theory]
    [InlineData(1_000, 0, 0)]
    [InlineData(0, 100, 0)]
    [InlineData(0, 0, 16)]
    public void The_bytes_that_are_counted_are_not_fewer_than_those_that_it_takes(int states, int answers, int tags)
    {
        var empty = Record(0, 0, 0);
        Record(states, answers, tags);                     // what is made once for all is not counted
        var before = GC.GetAllocatedBytesForCurrentThread();

        var record = Record(states, answers, tags);

        var taken = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.InRange(record.Bytes, taken, 2 * taken + empty.Bytes);
    }

    static SessionRecord Record(int states, int answers, int tags)
    {
        var (history, kept, names) = (new Snapshot[states], new KeptAnswer[answers], new string[tags]);
        for (var i = 0; i < states; i++)
        {
            history[i] = new Snapshot(i, new float[1]);
        }

        for (var i = 0; i < answers; i++)
        {
            kept[i] = new KeptAnswer(new IdempotencyKey(new string('k', 255), 1), new string('1', 5), "", default);
        }

        for (var i = 0; i < tags; i++)
        {
            names[i] = new string('t', 64);
        }

        return new()
        {
            Id = "a",
            Stamp = 1,
            Model = "model",
            Version = 1,
            Fingerprint = "",
            State = new Snapshot(0, []),
            History = history,
            Answers = kept,
            Tags = names,
            Created = default,
            LastUsed = default,
            TimeToLive = default,
        };
    }
}
