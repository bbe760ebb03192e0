using Rnn.Engine.Numerics;

namespace Rnn.Engine.Formats.Onnx;

/// <summary>
/// Makes a model of the outputs of a graph. States are no outputs beside others: sessions keep them. Several outputs that are
/// left become branches on what they share.
/// </summary>
static class Heads
{
    /// <summary>The layers.</summary>
    /// <exception cref="EngineException">An output can't be made by layers, or none of them is recurrent.</exception>
    public static ModelFile Read(string file, IReadOnlyList<(string Name, Value Value)> outputs, Node graph)
    {
        var signals = outputs.Where(output => output.Value is not KeptState).ToList();
        var heads = signals.Where(output => output.Value is not Signal { IsState: true }).ToList();
        heads = heads.Count > 0 ? heads : signals;

        List<(string Name, Chain Chain)> chains = [.. heads.Select(head => (head.Name, Of(file, head.Name, head.Value, graph)))];
        if (chains.Count == 0)
        {
            throw EngineException.Model($"{file}: the graph has no output but states. {Node.Hint}");
        }

        var top = Merging.Of(graph, Merge.Concat, [.. chains.Select(head => head.Chain)]);
        if (!top.IsRecurrent)
        {
            throw EngineException.Model($"{file}: no RNN, GRU or LSTM node leads to the outputs of the graph. {Node.Hint}");
        }

        var writer = new LayerWriter();
        var layers = writer.Write(top);
        return new ModelFile
        {
            Format = "ONNX",
            Layers = layers,
            Tensors = writer.Tensors,
            Outputs = chains.Count == 1 ? [] : [.. chains.Select(head => new OutputPart(head.Name, head.Chain.Width))],
        };
    }

    static Chain Of(string file, string name, Value value, Node graph) => value switch
    {
        Refused refused => throw refused.Reason,
        Signal signal => Merging.Of(graph, Merge.Concat, signal.Parts),
        _ => throw EngineException.Model($"{file}: output '{Node.Shown(name)}' does not depend on the sequence that is put in. {Node.Hint}"),
    };
}
