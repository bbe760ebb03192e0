namespace Rnn.Engine.Formats.Onnx;

/// <summary>Finds the inputs of a graph that are nothing but the state a recurrent node begins with, perhaps cut or turned first.</summary>
static class StateInputs
{
    const int InitialH = 5;
    const int InitialC = 6;

    /// <summary>Their names.</summary>
    public static HashSet<string> Of(GraphProto graph)
    {
        var makers = new Dictionary<string, NodeProto>();
        foreach (var node in graph.Node)
        {
            foreach (var output in node.Output)
            {
                makers.TryAdd(output, node);
            }
        }

        var pending = new Stack<string>(graph.Node
            .Where(node => node.OpType is "RNN" or "GRU" or "LSTM")
            .SelectMany(node => node.Input.Skip(InitialH).Take(InitialC - InitialH + 1)));
        var seen = new HashSet<string>();
        while (pending.TryPop(out var name))
        {
            if (!seen.Add(name) || !makers.TryGetValue(name, out var maker))
            {
                continue;
            }

            var sources = maker.OpType switch
            {
                "Concat" => maker.Input,
                "Slice" or "Gather" or "Squeeze" or "Unsqueeze" or "Transpose" or "Split" or "Reshape" or "Identity" or "Cast" => maker.Input.Take(1),
                _ => [],
            };
            foreach (var source in sources)
            {
                pending.Push(source);
            }
        }

        return [.. graph.Input.Select(input => input.Name).Where(seen.Contains)];
    }
}
