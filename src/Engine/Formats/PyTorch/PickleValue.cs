using Rnn.Engine.Weights;

namespace Rnn.Engine.Formats.PyTorch;

/// <summary>A name that a pickle refers to, such as <c>collections.OrderedDict</c>. It stays a name: nothing is ever imported.</summary>
sealed record PickleGlobal(string Module, string Name)
{
    public string FullName => $"{Module}.{Name}";
}

/// <summary>A dictionary of a pickle, in the order of its file.</summary>
sealed class PickleDictionary
{
    public List<KeyValuePair<object?, object?>> Items { get; } = [];
}

/// <summary>The numbers that one or more tensors share.</summary>
/// <param name="Type">Their type; null for integers and others, which are no weights.</param>
/// <param name="Bytes">The bytes of one.</param>
/// <param name="Key">Its name in the file.</param>
/// <param name="Length">How many there are, as the pickle claims.</param>
/// <param name="Offset">Where a view begins in the storage of that name, in numbers.</param>
sealed record TorchStorage(FloatType? Type, int Bytes, string Key, long Length, long Offset);

/// <summary>A tensor over a storage; sizes and strides in numbers.</summary>
sealed record TorchTensor(TorchStorage Storage, long Offset, long[] Shape, long[] Strides);
