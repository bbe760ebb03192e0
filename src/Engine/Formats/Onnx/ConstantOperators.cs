namespace Rnn.Engine.Formats.Onnx;

/// <summary>Computes with weights what an exporter left to the runtime.</summary>
static class ConstantOperators
{
    /// <summary>A tensor, number or list in an attribute.</summary>
    public static Value Constant(Node node)
    {
        if (node.Find("value") is { } tensor)
        {
            return new TensorReader(node.File, node.Allowance).Read(tensor.T ?? new TensorProto(), tensor.T?.Name ?? "value");
        }

        if (node.Find("value_float") is not null)
        {
            return new Constant([], [node.Float("value_float", 0)]);
        }

        if (node.Find("value_floats") is not null)
        {
            var numbers = node.Floats("value_floats");
            return new Constant([numbers.Length], numbers);
        }

        if (node.Find("value_int") is { } integer)
        {
            return new Integers([integer.I], isScalar: true);
        }

        return node.Ints("value_ints") is { Length: <= Integers.MaxCount } integers
            ? new Integers([.. integers.Select(value => (Size)value)], isScalar: false)
            : throw node.Refusal("holds no numbers");
    }

    /// <summary>Numbers of another type. Weights and sequences are float32 here whatever they were, unless they become integers.</summary>
    public static Value Cast(Node node)
    {
        var value = node.Required(0);
        if ((DataType)node.Int("to", (long)DataType.Float) is DataType.Float or DataType.Float16 or DataType.Bfloat16 or DataType.Double)
        {
            return value;
        }

        return value switch
        {
            Signal signal => signal.Parts.All(part => part.Step is null) ? signal : throw node.Refusal("rounds what a layer gave"),
            Onnx.Constant { IsBroadcast: false, Shape.Length: <= 1 } constant when Shapes.IsWithin(constant.Shape, Integers.MaxCount) =>
                new Integers([.. constant.Values.Select(number => (Size)(long)number)], constant.Shape.Length == 0),
            Onnx.Constant => throw node.Refusal("rounds weights"),
            _ => value,
        };
    }

    /// <summary>A function of each two numbers; null if an input is no constant.</summary>
    public static Value? Binary(Node node, Func<float, float, float> function)
    {
        if (node.Required(0) is Signal || node.Required(1) is Signal
            || node.AsConstant(node.Input(0)) is not { IsBroadcast: false } a || node.AsConstant(node.Input(1)) is not { IsBroadcast: false } b)
        {
            return null;
        }

        var shape = Shapes.Broadcast(node, a.Shape, b.Shape);
        var (left, right) = (Shapes.Expand(node, a, shape).Values, Shapes.Expand(node, b, shape).Values);
        var result = node.Allowance.Array(left.Length);
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = Finite(node, function(left[i], right[i]));
        }

        return new Constant(shape, result);
    }

    /// <summary>A function of each number; null if the input is no constant.</summary>
    public static Value? Unary(Node node, Func<float, float> function)
    {
        if (node.Required(0) is not Onnx.Constant { IsBroadcast: false } constant)
        {
            return null;
        }

        var result = node.Allowance.Array(constant.Values.Length);
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = Finite(node, function(constant.Values[i]));
        }

        return new Constant(constant.Shape, result);
    }

    /// <summary>Tensors one after the other along a dimension.</summary>
    public static Constant Concat(Node node, IReadOnlyList<Constant> parts, long along)
    {
        var axis = node.Axis(along, parts[0].Shape.Length);
        var shape = parts[0].Shape.ToArray();
        foreach (var part in parts.Skip(1))
        {
            if (part.Shape.Length != shape.Length || part.Shape.Where((size, i) => i != axis && size != shape[i]).Any())
            {
                throw node.Refusal("puts tensors of different shapes one after the other");
            }

            shape[axis] = (int)Math.Min((long)shape[axis] + part.Shape[axis], int.MaxValue);
        }

        var result = node.Allowance.Array(Shapes.Count(node, shape));
        var inner = Shapes.Count(node, shape.AsSpan(axis + 1));
        var at = 0;
        for (var row = 0; at < result.Length; row++)
        {
            foreach (var part in parts)
            {
                var length = (int)(part.Shape[axis] * inner);
                part.Values.AsSpan(row * length, length).CopyTo(result.AsSpan(at));
                at += length;
            }
        }

        return new Constant(shape, result);
    }

    static float Finite(Node node, float value) => float.IsFinite(value) ? value : throw node.Refusal("computes a NaN or an infinity");
}
