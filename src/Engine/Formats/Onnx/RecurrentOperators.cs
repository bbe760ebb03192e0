using Rnn.Engine.Manifests;

namespace Rnn.Engine.Formats.Onnx;

/// <summary>
/// RNN, GRU and LSTM nodes. Each direction is a chain of its own; where both are put together again they become one
/// bidirectional layer.
/// </summary>
static class RecurrentOperators
{
    const int Lengths = 4;
    const int InitialH = 5;
    const int InitialC = 6;

    /// <summary>The outputs of all timesteps, the last hidden state, and of an LSTM the last cell state.</summary>
    public static IReadOnlyList<Value> Follow(Node node)
    {
        var isBatchFirst = node.Int("layout", 0) == 1;
        var x = DenseOperators.Vectors(node, 0);
        if (x.Axes.Count != 3 || x.Parts.Count != 1 || x.IndexOf(AxisKind.Feature) != 2)
        {
            throw node.Refusal("reads an input that is no [timesteps, batch, features]");
        }

        var below = x.Parts[0];
        var (time, batch) = isBatchFirst ? (x.Axes[1], x.Axes[0]) : (x.Axes[0], x.Axes[1]);
        ExpectTime(node, below, time, batch);
        ExpectWholeLengths(node, time);

        var cells = RecurrentCell.Read(node, isBatchFirst, Initial(node, InitialH), Initial(node, InitialC));
        if (below.Width != 0 && below.Width != cells[0].Inputs)
        {
            throw node.Refusal($"has W for {cells[0].Inputs} features; {below.Width} come in");
        }

        var hidden = cells[0].Settings.HiddenSize;
        List<Chain> all = [.. cells.Select(cell => below.Then(new RecurrentStep(node, cell.Settings, cell.Weights), hidden))];
        List<Chain> last = [.. all.Select((chain, i) =>
            chain.Then(new PickStep(node, First: cells[i].Settings.Direction == Direction.Backward), hidden))];

        var directions = cells.Count == 1 ? Axis.One : Axis.Stack(cells.Count);
        var features = Axis.Feature(hidden);
        return
        [
            new Signal(isBatchFirst ? [batch, time, directions, features] : [time, directions, batch, features], all),
            new Signal(isBatchFirst ? [batch, directions, features] : [directions, batch, features], last, isState: true),
            new KeptState(),
        ];
    }

    static void ExpectTime(Node node, Chain below, Axis time, Axis batch)
    {
        if (below.IsPicked)
        {
            throw node.Refusal("reads one timestep that a node before it picked out of the sequence");
        }

        if (time.Kind is not (AxisKind.Sequence or AxisKind.One) || batch.Kind is not (AxisKind.Sequence or AxisKind.One))
        {
            throw node.Refusal("reads timesteps that are rows of the batch too");
        }

        if (time.Kind == AxisKind.Sequence)
        {
            below.Input.IsTime(node, time.Index);
        }
        else if (below.Input.Time is >= 0)
        {
            throw node.Refusal("reads one timestep; a node before it reads a sequence");
        }
        else
        {
            below.Input.IsTime(node, -1);
        }
    }

    /// <summary>Lengths that come from the caller are those of the sequences put in; others must be that of the whole sequence.</summary>
    static void ExpectWholeLengths(Node node, Axis time)
    {
        var isWhole = node.Input(Lengths) switch
        {
            null or KeptState => true,
            Integers lengths => lengths.Values.All(length => length == time.Size),
            Signal lengths => lengths.Parts is [{ Step: null }],
            _ => false,
        };
        if (!isWhole)
        {
            throw node.Refusal("has sequence_lens that are neither an input nor the length of the sequence");
        }
    }

    static InitialState? Initial(Node node, int input)
    {
        var value = node.Input(input);
        return value switch
        {
            null or KeptState or Filled { Number: 0 } => null,
            Filled filled => new InitialState(filled.Number, null),
            _ => node.AsConstant(value) is { } constant
                ? new InitialState(0, constant)
                : throw node.Refusal("begins with a state that is computed from the input"),
        };
    }
}

/// <summary>The state before the first timestep: one number, or a tensor [directions, batch, H].</summary>
sealed record InitialState(float Number, Constant? Tensor);
