namespace Rnn.Engine.Formats.Onnx;

/// <summary>A node of the graph with what is known of its inputs.</summary>
sealed class Node
{
    const int MaxShown = 80;

    readonly NodeProto _proto;
    readonly IReadOnlyList<Value?> _inputs;

    public Node(string file, NodeProto proto, IReadOnlyList<Value?> inputs, Allowance allowance, long opset)
    {
        File = file;
        _proto = proto;
        _inputs = inputs;
        Allowance = allowance;
        Opset = opset;
    }

    /// <summary>The file's name.</summary>
    public string File { get; }

    /// <summary>What the reading may hold.</summary>
    public Allowance Allowance { get; }

    /// <summary>The version of the operators.</summary>
    public long Opset { get; }

    /// <summary>The operator.</summary>
    public string Operator => _proto.OpType;

    /// <summary>How many outputs it names, among them those without a name.</summary>
    public int Outputs => _proto.Output.Count;

    /// <summary>How many inputs it names, among them those without a name.</summary>
    public int Inputs => _inputs.Count;

    /// <summary>What is known of an input; null if it is not given.</summary>
    public Value? Input(int index) => index < _inputs.Count ? _inputs[index] : null;

    /// <summary>The input that must be given.</summary>
    public Value Required(int index) => Input(index) ?? throw Refusal($"has no input {index}");

    /// <summary>The input as a sequence.</summary>
    public Signal Signal(int index) =>
        Required(index) as Signal ?? throw Refusal($"has an input {index} that does not come from the sequence that is put in");

    /// <summary>The input as numbers that the file holds.</summary>
    public Constant Constant(int index) => AsConstant(Required(index)) is { IsBroadcast: false } constant
        ? constant
        : throw Refusal($"has an input {index} that is no constant");

    /// <summary>A value as numbers that the file holds, or null if it isn't.</summary>
    public Constant? AsConstant(Value? value)
    {
        switch (value)
        {
            case Constant constant:
                return constant;
            case Integers integers when integers.Values.All(size => size.IsKnown):
                return new Constant(integers.IsScalar ? [] : [integers.Values.Count], [.. integers.Values.Select(size => (float)size.Offset)]);
            case Filled { Shape: null } filled:
                return new Constant([], [filled.Number]);
            case Filled { Shape: { } sizes } filled when sizes.All(size => size is { IsKnown: true, Offset: >= 0 and <= int.MaxValue }):
                var shape = sizes.Select(size => (int)size.Offset).ToArray();
                var values = Allowance.Array(Shapes.Count(this, shape));
                Array.Fill(values, filled.Number);
                return new Constant(shape, values);
            default:
                return null;
        }
    }

    /// <summary>The input as integers that are known, or null if it is not given.</summary>
    public long[]? Known(int index) => Input(index) switch
    {
        null => null,
        Integers integers when integers.Values.All(size => size.IsKnown) => [.. integers.Values.Select(size => size.Offset)],
        _ => throw Refusal($"has an input {index} that is no list of known integers"),
    };

    /// <summary>Integers that were an attribute in older versions of the operators and are an input now.</summary>
    public long[]? Integers(string attribute, int input) => Ints(attribute) ?? Known(input);

    /// <summary>An attribute that is an integer.</summary>
    public long Int(string name, long otherwise) => Find(name)?.I ?? otherwise;

    /// <summary>An attribute that is a number.</summary>
    public float Float(string name, float otherwise) =>
        Find(name)?.F is not { } number ? otherwise : float.IsFinite(number) ? number : throw Refusal($"has {name} {number}");

    /// <summary>An attribute that is a text.</summary>
    public string Text(string name, string otherwise) => Find(name)?.S.ToStringUtf8() ?? otherwise;

    /// <summary>An attribute that is a list of integers.</summary>
    public long[]? Ints(string name) => Find(name)?.Ints.ToArray();

    /// <summary>An attribute that is a list of numbers.</summary>
    public float[] Floats(string name) =>
        Find(name)?.Floats.ToArray() is not { } numbers ? [] : numbers.All(float.IsFinite) ? numbers : throw Refusal($"has a {name} that is not finite");

    /// <summary>An attribute that is a list of texts.</summary>
    public string[] Texts(string name) => Find(name)?.Strings.Select(text => text.ToStringUtf8()).ToArray() ?? [];

    /// <summary>The attribute of a name, or null.</summary>
    public AttributeProto? Find(string name) => _proto.Attribute.FirstOrDefault(attribute => attribute.Name == name);

    /// <summary>A dimension as it may be given: counted from the end if negative.</summary>
    public int Axis(long axis, int rank) => axis >= -rank && axis < rank
        ? (int)(axis < 0 ? axis + rank : axis)
        : throw Refusal($"names dimension {axis}; there are {rank}");

    /// <summary>Why the node can't be a layer, and what can be done.</summary>
    public EngineException Refusal(string why) => EngineException.Model(
        $"{File}: node '{Shown(_proto.Name is "" ? _proto.Output.FirstOrDefault() ?? "" : _proto.Name)}' ({Shown(_proto.OpType)}) {why}. {Hint}");

    /// <summary>What can be done with a model that is not understood.</summary>
    public const string Hint = "Say \"runtime\": \"onnxruntime\" in model.json to run the graph as it is.";

    /// <summary>A name of the file, cut where it is endless.</summary>
    public static string Shown(string name) => name.Length <= MaxShown ? name : $"{name[..MaxShown]}...";
}
