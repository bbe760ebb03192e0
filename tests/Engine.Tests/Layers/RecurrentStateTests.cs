using Rnn.Engine.Layers;

namespace Rnn.Engine.Tests.Layers;

public sealed class RecurrentStateTests
{
    static readonly StatePart[] Parts =
    [
        new("lstm.0", StateKind.Hidden, 2), new("lstm.0", StateKind.Cell, 2),
        new("lstm.1", StateKind.Hidden, 3), new("lstm.1", StateKind.Cell, 3), new("monitor", StateKind.Statistics, 1),
    ];

    [Fact]
    public void An_embedding_is_the_last_hidden_state_with_length_1() =>
        Assert.Equal([2 / 3f, -1 / 3f, 2 / 3f], StateOf([9, 9, 9, 9, 4, -2, 4, 9, 9, 9, 9]).Embed());

    [Fact]
    public void Where_nothing_is_there_is_no_direction() => Assert.Equal([0, 0, 0], StateOf([9, 9, 9, 9, 0, 0, 0, 9, 9, 9, 9]).Embed());

    [Fact]
    public void A_state_with_no_hidden_part_has_no_embedding()
    {
        var layout = new StateLayout(new string('0', 32), [new("memory", StateKind.Memory, 2)], []);

        Assert.Empty(RecurrentState.Of(layout, 0, [1, 2]).Embed());
    }

    static RecurrentState StateOf(float[] values) => RecurrentState.Of(new StateLayout(new string('0', 32), Parts, []), 1, values);
}
