using Rnn.Engine.Numerics;

namespace Rnn.Engine.Formats.Onnx;

/// <summary>What each operator of ONNX does to what is known of its inputs.</summary>
static class Operators
{
    static readonly Dictionary<string, Func<Node, IReadOnlyList<Value>>> Table = new()
    {
        ["RNN"] = RecurrentOperators.Follow,
        ["GRU"] = RecurrentOperators.Follow,
        ["LSTM"] = RecurrentOperators.Follow,

        ["Constant"] = One(ConstantOperators.Constant),
        ["ConstantOfShape"] = One(IntegerOperators.ConstantOfShape),
        ["Shape"] = One(IntegerOperators.Shape),
        ["Equal"] = One(IntegerOperators.Equal),
        ["Where"] = One(IntegerOperators.Where),
        ["ReduceProd"] = One(IntegerOperators.Product),

        ["Identity"] = One(node => node.Required(0)),
        ["Dropout"] = One(node => node.Required(0)),
        ["Cast"] = One(ConstantOperators.Cast),
        ["Transpose"] = One(ViewOperators.Transpose),
        ["Squeeze"] = One(ViewOperators.Squeeze),
        ["Unsqueeze"] = One(ViewOperators.Unsqueeze),
        ["Reshape"] = One(ViewOperators.Reshape),
        ["Flatten"] = One(ViewOperators.Flatten),
        ["Expand"] = One(ViewOperators.Expand),
        ["Tile"] = One(ViewOperators.Tile),
        ["Slice"] = One(PartOperators.Slice),
        ["Gather"] = One(PartOperators.Gather),
        ["Split"] = PartOperators.Split,
        ["Concat"] = One(PartOperators.Concat),
        ["ReverseSequence"] = One(PartOperators.ReverseSequence),

        ["MatMul"] = One(DenseOperators.MatMul),
        ["Gemm"] = One(DenseOperators.Gemm),
        ["OneHot"] = One(DenseOperators.OneHot),
        ["BatchNormalization"] = One(NormOperators.BatchNormalization),
        ["LayerNormalization"] = One(NormOperators.LayerNormalization),
        ["ReduceMean"] = One(NormOperators.ReduceMean),
        ["ReduceSum"] = One(NormOperators.ReduceSum),

        ["Add"] = One(ElementOperators.Add),
        ["Sub"] = One(ElementOperators.Subtract),
        ["Mul"] = One(ElementOperators.Multiply),
        ["Div"] = One(ElementOperators.Divide),
        ["Sum"] = One(ElementOperators.Sum),
        ["Mean"] = One(ElementOperators.Mean),
        ["Max"] = One(ElementOperators.Max),
        ["Pow"] = One(ElementOperators.Power),
        ["Neg"] = One(ElementOperators.Negate),
        ["Sqrt"] = One(node => ElementOperators.Formula(node, Onnx.Formula.Root)),
        ["Reciprocal"] = One(node => ElementOperators.Formula(node, Onnx.Formula.Reciprocal)),
        ["Abs"] = One(node => ElementOperators.Formula(node, Onnx.Formula.Absolute)),
        ["Erf"] = One(node => ElementOperators.Formula(node, Onnx.Formula.Erf)),

        ["Relu"] = Activated(_ => Activation.Relu),
        ["Sigmoid"] = Activated(_ => Activation.Sigmoid),
        ["Tanh"] = Activated(_ => Activation.Tanh),
        ["Exp"] = Activated(_ => new Activation(ActivationKind.Exponential)),
        ["Softplus"] = Activated(_ => new Activation(ActivationKind.Softplus)),
        ["Softsign"] = Activated(_ => new Activation(ActivationKind.Softsign)),
        ["Mish"] = Activated(_ => new Activation(ActivationKind.Mish)),
        ["LeakyRelu"] = Activated(node => new Activation(ActivationKind.LeakyRelu, node.Float("alpha", 0.01f))),
        ["ThresholdedRelu"] = Activated(node => new Activation(ActivationKind.ThresholdedRelu, node.Float("alpha", 1))),
        ["Elu"] = Activated(node => new Activation(ActivationKind.Elu, node.Float("alpha", 1))),
        ["Selu"] = Activated(ActivationOperators.Selu),
        ["HardSigmoid"] = Activated(node => new Activation(ActivationKind.HardSigmoid, node.Float("alpha", 0.2f), node.Float("beta", 0.5f))),
        ["Gelu"] = Activated(ActivationOperators.Gelu),
        ["Swish"] = Activated(ActivationOperators.Swish),
        ["PRelu"] = Activated(ActivationOperators.ParametricRelu),
        ["Clip"] = One(ActivationOperators.Clip),
        ["Softmax"] = One(node => ActivationOperators.OverFeatures(node, Activation.Softmax)),
        ["LogSoftmax"] = One(node => ActivationOperators.OverFeatures(node, new Activation(ActivationKind.LogSoftmax))),
    };

    /// <summary>The operators that are followed.</summary>
    public static IReadOnlyCollection<string> Names => Table.Keys;

    /// <summary>How to follow an operator, or null if it is none that is known.</summary>
    public static Func<Node, IReadOnlyList<Value>>? Of(string name) => Table.GetValueOrDefault(name);

    static Func<Node, IReadOnlyList<Value>> One(Func<Node, Value> follow) => node => [follow(node)];

    static Func<Node, IReadOnlyList<Value>> Activated(Func<Node, Activation> activation) => node => [ActivationOperators.Apply(node, activation(node))];
}
