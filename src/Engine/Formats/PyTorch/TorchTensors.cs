using Rnn.Engine.Weights;

namespace Rnn.Engine.Formats.PyTorch;

/// <summary>
/// Makes of what a pickle holds its tensors of floating-point numbers, by name: dictionaries in dictionaries become names with dots.
/// All tensors together may hold as many numbers as the file has bytes, so that tensors which share or repeat a storage are no bomb.
/// </summary>
/// <param name="file">The file's name, for messages.</param>
/// <param name="fileLength">Its length in bytes.</param>
/// <param name="storage">The bytes of a storage, by its key.</param>
sealed class TorchTensors(string file, int fileLength, Func<string, ReadOnlyMemory<byte>> storage)
{
    const int MaxDepth = 16;
    const int MaxEntries = 100_000;
    const int MaxTensors = 10_000;
    const int MaxRank = 8;
    const int MaxName = 1_000;

    readonly List<Tensor> _tensors = [];
    readonly Dictionary<string, ReadOnlyMemory<byte>> _storages = new(StringComparer.Ordinal);
    readonly HashSet<string> _names = new(StringComparer.Ordinal);
    long _numbers;
    int _entries;

    /// <summary>Every tensor in or below an object, in the order of the file; optimizer states and integers are left out.</summary>
    public List<Tensor> Flatten(object? root)
    {
        Flatten("", root, 0);
        return _tensors;
    }

    void Flatten(string name, object? value, int depth)
    {
        if (depth > MaxDepth || ++_entries > MaxEntries)
        {
            throw EngineException.Model($"{file}: its dictionaries are more than {MaxDepth} deep, or hold more than {MaxEntries} entries.");
        }

        switch (value)
        {
            case TorchTensor { Storage.Type: not null } tensor:
                Add(name, tensor);
                break;
            case PickleDictionary dictionary:
                foreach (var (key, item) in dictionary.Items)
                {
                    if (key is string { Length: > MaxName } || name.Length > MaxName)
                    {
                        throw EngineException.Model($"{file}: a name has more than {MaxName} characters.");
                    }

                    if (key is string text && !IsTraining(text))
                    {
                        Flatten(name.Length == 0 ? text : $"{name}.{text}", item, depth + 1);
                    }
                }

                break;
            case List<object?> list:
                foreach (var (index, item) in list.Index())
                {
                    Flatten(name.Length == 0 ? $"{index}" : $"{name}.{index}", item, depth + 1);
                }

                break;
        }
    }

    /// <summary>Whether a key of a checkpoint holds what only a training needs.</summary>
    static bool IsTraining(string key) =>
        key.Equals("optim", StringComparison.OrdinalIgnoreCase)
        || key.StartsWith("optimizer", StringComparison.OrdinalIgnoreCase)
        || key.Contains("scheduler", StringComparison.OrdinalIgnoreCase)
        || key.EndsWith("num_batches_tracked", StringComparison.Ordinal);

    void Add(string name, TorchTensor tensor)
    {
        if (!_names.Add(name) || _tensors.Count == MaxTensors)
        {
            throw EngineException.Model($"{file}: tensor '{name}' is there twice, or one of more than {MaxTensors}.");
        }

        var type = tensor.Storage.Type!.Value;
        var bytes = BytesOf(name, tensor.Storage);
        var count = Extent(name, tensor, bytes.Length / type.Bytes(), out var isContiguous);
        _numbers += count;
        if (_numbers > fileLength)
        {
            throw EngineException.Model($"{file}: with tensor '{name}' its tensors hold {_numbers} numbers, more than the file's {fileLength} bytes can.");
        }

        var first = checked((int)(tensor.Storage.Offset + tensor.Offset));
        var values = isContiguous
            ? type.ToSingle(bytes.Span.Slice(first * type.Bytes(), (int)count * type.Bytes()))
            : Gather(type, bytes.Span, first, tensor, (int)count);
        _tensors.Add(Tensor.Finite(file, name, tensor.Shape, values));
    }

    ReadOnlyMemory<byte> BytesOf(string name, TorchStorage of)
    {
        if (!_storages.TryGetValue(of.Key, out var bytes))
        {
            bytes = storage(of.Key);
            _storages.Add(of.Key, bytes);
        }

        return of.Length <= bytes.Length / of.Type!.Value.Bytes()
            ? bytes
            : throw EngineException.Model($"{file}: tensor '{name}' has a storage of {of.Length} numbers; its {bytes.Length} bytes hold fewer.");
    }

    /// <summary>How many numbers a tensor has; all of them lie in its storage.</summary>
    long Extent(string name, TorchTensor tensor, long available, out bool isContiguous)
    {
        var (count, last, expected) = ((Int128)1, (Int128)tensor.Storage.Offset + tensor.Offset, (Int128)1);
        isContiguous = true;
        var isPossible = tensor.Shape.Length == tensor.Strides.Length && tensor.Shape.Length <= MaxRank
            && tensor.Offset >= 0 && tensor.Storage.Offset is >= 0 and <= int.MaxValue
            && tensor.Shape.All(size => size is >= 0 and <= int.MaxValue) && tensor.Strides.All(stride => stride is >= 0 and <= int.MaxValue);
        for (var axis = tensor.Shape.Length - 1; axis >= 0 && isPossible; axis--)
        {
            isContiguous &= tensor.Strides[axis] == expected || tensor.Shape[axis] == 1;
            expected *= tensor.Shape[axis];
            count *= tensor.Shape[axis];
            last += tensor.Strides[axis] * (Int128)Math.Max(0, tensor.Shape[axis] - 1);
            isPossible = count <= int.MaxValue;
        }

        return isPossible && (count == 0 ? last <= available : last < available)
            ? (long)count
            : throw EngineException.Model(
                $"{file}: tensor '{name}' of shape [{string.Join(", ", tensor.Shape.Take(MaxRank + 1))}], strides [{string.Join(", ", tensor.Strides.Take(MaxRank + 1))}] "
                + $"and offset {tensor.Offset} does not lie in its storage of {available} numbers.");
    }

    /// <summary>The numbers of a tensor that is transposed, repeated or otherwise not in order, row by row.</summary>
    static float[] Gather(FloatType type, ReadOnlySpan<byte> bytes, int first, TorchTensor tensor, int count)
    {
        var values = new float[count];
        var position = new int[tensor.Shape.Length];
        var at = (long)first;
        for (var i = 0; i < count; i++)
        {
            values[i] = type.At(bytes, (int)at);
            for (var axis = position.Length - 1; axis >= 0; axis--)
            {
                at += tensor.Strides[axis];
                if (++position[axis] < tensor.Shape[axis])
                {
                    break;
                }

                at -= tensor.Strides[axis] * tensor.Shape[axis];
                position[axis] = 0;
            }
        }

        return values;
    }
}
