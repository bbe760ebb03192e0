using CsCheck;
using Rnn.Engine.Sessions;

namespace Rnn.Engine.Tests.Sessions.Replaying;

public sealed class GrowingListTests
{
    [Fact]
    public void Lists_that_go_on_from_one_another_never_disturb_each_other() =>
        Gen.Select(Gen.Int[0, 1_000], Gen.Int[0, 1_000], Gen.Int[0, 5]).Array[0, 60].Sample(operations =>
        {
            List<(GrowingList<int> List, int[] Items)> all = [(new([]), [])];
            foreach (var (from, first, length) in operations)
            {
                var (list, items) = all[from % all.Count];
                var count = first % (items.Length + 1);
                var more = Enumerable.Range(all.Count * 10, length).ToArray();
                all.Add((list.Append(more), [.. items, .. more]));
                all.Add((list.First(count), items[..count]));
            }

            Assert.All(all, one => Assert.Equal(one.Items, one.List.Items.ToArray()));
        });

    [Fact]
    public async Task Of_many_that_append_at_once_each_gets_its_own()
    {
        for (var round = 0; round < 200; round++)
        {
            var list = new GrowingList<int>([1, 2, 3]).Append(new[] { 4 });

            var appended = await Task.WhenAll(Enumerable.Range(0, 8).Select(item => Task.Run(() => list.Append(new[] { item }))));

            Assert.All(appended.Index(), one => Assert.Equal([1, 2, 3, 4, one.Index], one.Item.Items.ToArray()));
        }
    }

    [Fact]
    public void A_few_of_many_do_not_hold_the_many()
    {
        var (first, many) = Few();
        GC.Collect();

        Assert.False(many.IsAlive);
        Assert.Equal([1, 0], first.Items.ToArray());

        static (GrowingList<int>, WeakReference) Few()
        {
            var items = new int[100_000];
            items[0] = 1;
            return (new GrowingList<int>(items).First(2), new WeakReference(items));
        }
    }

    [Fact]
    public void What_is_appended_one_by_one_is_seldom_copied()
    {
        var list = new GrowingList<int>([]);
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 0; i < 10_000; i++)
        {
            list = list.Append(new[] { i });
        }

        // 32 bytes an item for the array and 40 for the list; copied each time it would be 20 KB.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000 * 200);
    }
}
