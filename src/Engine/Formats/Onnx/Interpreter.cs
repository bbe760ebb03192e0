using Rnn.Engine.Weights;

namespace Rnn.Engine.Formats.Onnx;

/// <summary>
/// Follows a graph from its inputs to its outputs. A node that is not understood is no reason to refuse the model unless an
/// output needs it.
/// </summary>
sealed class Interpreter
{
    readonly string _file;
    readonly GraphProto _graph;
    readonly Allowance _allowance;
    readonly TensorReader _tensors;
    readonly long _opset;
    readonly Dictionary<string, Value> _values = [];

    public Interpreter(string file, ModelProto model, Allowance allowance, IReadOnlyDictionary<string, Tensor> constants)
    {
        _file = file;
        _graph = model.Graph;
        _allowance = allowance;
        _tensors = new TensorReader(file, allowance);
        _opset = model.OpsetImport.FirstOrDefault(opset => opset.Domain is "" or "ai.onnx")?.Version
            ?? throw EngineException.Model($"{file}: does not name the version of its operators (opset_import); it was cut, or is older than ONNX 1.0.");
        foreach (var initializer in _graph.Initializer)
        {
            Define(initializer.Name, _tensors.Read(initializer, initializer.Name));
        }

        Begin(constants);
    }

    /// <summary>The layers that make the outputs of the graph.</summary>
    /// <exception cref="EngineException">An output is no chain of layers.</exception>
    public ModelFile Read()
    {
        foreach (var proto in _graph.Node)
        {
            Follow(proto);
        }

        var outputs = _graph.Output.Select(output => (output.Name, Value: ValueOf(output.Name, $"output '{Node.Shown(output.Name)}'"))).ToList();
        return Heads.Read(_file, outputs, new Node(_file, new NodeProto { Name = "outputs", OpType = "graph" }, [], _allowance, _opset));
    }

    /// <summary>Inputs of the graph are weights that were given, states that a session keeps, or the sequence.</summary>
    void Begin(IReadOnlyDictionary<string, Tensor> constants)
    {
        var states = StateInputs.Of(_graph);
        foreach (var input in _graph.Input.Where(input => !_values.ContainsKey(input.Name)))
        {
            Define(input.Name, constants.TryGetValue(input.Name, out var constant) ? new Constant(constant.Shape, constant.Values)
                : states.Contains(input.Name) ? new KeptState()
                : Sequence(input));
        }
    }

    Value Sequence(ValueInfoProto input)
    {
        var shape = input.Type?.TensorType?.Shape;
        if (shape?.Dim.Count > Shapes.MaxRank)
        {
            return new Refused(EngineException.Model($"{_file}: input '{Node.Shown(input.Name)}' has {shape.Dim.Count} dimensions; at most {Shapes.MaxRank} are read."));
        }

        // Without a shape it is the most usual one: time, batch and features in some order.
        var axes = shape is not null
            ? shape.Dim.Select((dim, index) => new Axis(AxisKind.Sequence, dim.DimValue > 0 ? dim.DimValue : Size.Symbol(index), index))
            : Enumerable.Range(0, 3).Select(index => new Axis(AxisKind.Sequence, Size.Symbol(index), index));
        return new Signal([.. axes], [new Chain(new Input(input.Name), width: 0)]);
    }

    void Follow(NodeProto proto)
    {
        var label = $"node '{Node.Shown(proto.Name is "" ? proto.OpType : proto.Name)}'";
        var node = new Node(_file, proto, [.. proto.Input.Select(input => input is "" ? null : ValueOf(input, label))], _allowance, _opset);
        var outputs = Outputs(node, proto);
        for (var i = 0; i < proto.Output.Count; i++)
        {
            if (proto.Output[i] is not "")
            {
                Define(proto.Output[i], i < outputs.Count ? outputs[i] : new Refused(node.Refusal($"has an output {i} that is not followed")));
            }
        }
    }

    static IReadOnlyList<Value> Outputs(Node node, NodeProto proto)
    {
        for (var i = 0; i < node.Inputs; i++)
        {
            if (node.Input(i) is Refused refused)
            {
                return [.. Enumerable.Repeat(refused, node.Outputs)];
            }
        }

        try
        {
            return proto.Attribute.Any(attribute => !attribute.G.IsEmpty || attribute.Graphs.Count > 0)
                ? throw node.Refusal("holds a graph of its own, and only plain graphs are read")
                : proto.Domain is not ("" or "ai.onnx") ? throw node.Refusal($"is of the domain '{Node.Shown(proto.Domain)}', which is not read")
                : Operators.Of(node.Operator) is { } follow ? follow(node)
                : throw node.Refusal("is no operator that a layer can be made of");
        }
        catch (EngineException reason)
        {
            return [.. Enumerable.Repeat(new Refused(reason), node.Outputs)];
        }
    }

    Value ValueOf(string name, string user) => _values.TryGetValue(name, out var value) ? value : throw EngineException.Model(
        $"{_file}: {user} uses '{Node.Shown(name)}', which no input, weight or node before it gives.");

    void Define(string name, Value value)
    {
        if (!_values.TryAdd(name, value))
        {
            throw EngineException.Model($"{_file}: '{Node.Shown(name)}' is given twice; each value of a graph has one source.");
        }
    }
}
