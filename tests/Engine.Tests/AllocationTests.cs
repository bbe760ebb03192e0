using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Models;

namespace Rnn.Engine.Tests;

public sealed class AllocationTests
{
    [Theory]
    [MemberData(nameof(Golden.Names), MemberType = typeof(Golden))]
    public void A_step_allocates_nothing(string name)
    {
        var golden = Golden.Load(name);
        var inputs = golden.Inputs;
        RecurrentState[] one = [new(golden.Model.Layout)];

        Assert.Equal(0, Allocated(() => Step(golden.Model, one, inputs)));
    }

    [Fact]
    public void The_meter_sees_an_allocation() => Assert.InRange(Allocated(() => _ = new byte[1000]), 1000, 2000);

    static void Step(RecurrentModel model, RecurrentState[] states, InputSequence inputs)
    {
        for (var i = 0; i < 10; i++)
        {
            model.Step(states, inputs[i]);
        }
    }

    // The second run: the first one fills the pools.
    static long Allocated(Action action)
    {
        action();
        var before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
