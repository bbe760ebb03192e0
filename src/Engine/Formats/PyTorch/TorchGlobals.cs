using Rnn.Engine.Weights;

namespace Rnn.Engine.Formats.PyTorch;

/// <summary>
/// The few names that a state_dict needs, and what calling them makes: data of our own. Every other name is refused, as calling it
/// is how a pickle runs code.
/// </summary>
static class TorchGlobals
{
    static readonly Dictionary<string, (FloatType? Type, int Bytes)> Storages = new(StringComparer.Ordinal)
    {
        ["FloatStorage"] = (FloatType.Float32, 4),
        ["DoubleStorage"] = (FloatType.Float64, 8),
        ["HalfStorage"] = (FloatType.Float16, 2),
        ["BFloat16Storage"] = (FloatType.Bfloat16, 2),
        ["LongStorage"] = (null, 8),
        ["IntStorage"] = (null, 4),
        ["ShortStorage"] = (null, 2),
        ["CharStorage"] = (null, 1),
        ["ByteStorage"] = (null, 1),
        ["BoolStorage"] = (null, 1),
    };

    const int MaxRank = 8;
    const int MaxPairs = 10_000;

    static readonly HashSet<string> Others = new(StringComparer.Ordinal)
    {
        "collections.OrderedDict", "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_parameter",
        "torch._utils._rebuild_parameter_with_state", "torch.Size", "torch.device", "torch.serialization._get_layout",
    };

    /// <summary>Checks that a name is one of those.</summary>
    /// <exception cref="EngineException">It is another; nothing of it was touched.</exception>
    public static PickleGlobal Find(string file, string module, string name)
    {
        var global = new PickleGlobal(module, name);
        if (Others.Contains(global.FullName) || (module is "torch" or "torch.storage" && Storages.ContainsKey(name)))
        {
            return global;
        }

        throw EngineException.Model(
            $"{file}: the pickle names '{global.FullName}', which would run code when unpickled; nothing was run. "
            + "Only the tensors of a state_dict are read: torch.save(model.state_dict(), ...).");
    }

    /// <summary>What a call makes.</summary>
    public static object? Call(string file, PickleGlobal global, object?[] arguments) => (global.FullName, arguments) switch
    {
        ("collections.OrderedDict", []) => new PickleDictionary(),
        ("collections.OrderedDict", [List<object?> pairs]) => Dictionary(file, pairs),
        ("torch._utils._rebuild_tensor" or "torch._utils._rebuild_tensor_v2", [TorchStorage storage, long offset, object?[] shape, object?[] strides, ..]) =>
            new TorchTensor(storage, offset, Longs(file, shape), Longs(file, strides)),
        ("torch._utils._rebuild_parameter" or "torch._utils._rebuild_parameter_with_state", [var data, ..]) => data,
        ("torch.Size", [object?[] sizes]) => sizes,
        ("torch.device" or "torch.serialization._get_layout", _) => null,
        _ => throw EngineException.Model($"{file}: the pickle calls '{global.FullName}' with {arguments.Length} arguments that it does not take."),
    };

    /// <summary>The storage of a persistent ID: ("storage", type, key, location, length[, view]).</summary>
    public static TorchStorage Storage(string file, object? id)
    {
        if (id is not object?[] { Length: 5 or 6 } parts
            || parts is not ["storage", PickleGlobal type, string key, _, long length, ..]
            || length < 0
            || !Storages.TryGetValue(type.Name, out var numbers))
        {
            throw EngineException.Model($"{file}: the pickle has a persistent ID that is no storage of a tensor.");
        }

        var offset = parts is [_, _, _, _, _, object?[] and [_, long view, _]] ? view : 0;
        return new TorchStorage(numbers.Type, numbers.Bytes, key, length, offset);
    }

    static PickleDictionary Dictionary(string file, List<object?> pairs)
    {
        if (pairs.Count > MaxPairs)
        {
            throw EngineException.Model($"{file}: the pickle makes an OrderedDict of {pairs.Count} pairs; at most {MaxPairs} are read.");
        }

        var dictionary = new PickleDictionary();
        foreach (var pair in pairs)
        {
            dictionary.Items.Add(pair switch
            {
                object?[] and [var key, var value] => new(key, value),
                List<object?> and [var key, var value] => new(key, value),
                _ => throw EngineException.Model($"{file}: the pickle makes an OrderedDict of what are no pairs."),
            });
        }

        return dictionary;
    }

    static long[] Longs(string file, object?[] values) => values.Length > MaxRank
        ? throw EngineException.Model($"{file}: the pickle has a tensor of {values.Length} dimensions; at most {MaxRank} are read.")
        : [.. values.Select(value => value is long number ? number : throw EngineException.Model($"{file}: the pickle has a tensor whose shape is no list of integers."))];
}
