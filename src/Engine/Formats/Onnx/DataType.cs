namespace Rnn.Engine.Formats.Onnx;

/// <summary>The element types of onnx.proto that are read.</summary>
enum DataType
{
    /// <summary>32 bits.</summary>
    Float = 1,

    /// <summary>32 bits.</summary>
    Int32 = 6,

    /// <summary>64 bits.</summary>
    Int64 = 7,

    /// <summary>One byte.</summary>
    Bool = 9,

    /// <summary>16 bits, as bits in integers where they are not raw.</summary>
    Float16 = 10,

    /// <summary>64 bits.</summary>
    Double = 11,

    /// <summary>16 bits, likewise.</summary>
    Bfloat16 = 16,
}
