using System.Buffers.Binary;
using Rnn.Engine.Weights;

namespace Rnn.Engine.Formats.PyTorch;

/// <summary>
/// Reads what <c>torch.save(model.state_dict(), ...)</c> writes, or a dictionary that holds one: the zip form (since PyTorch 1.6),
/// whose pickle refers to entries with raw numbers, and the legacy form, in which the numbers follow the pickle. Source: the
/// serialization notes of PyTorch's documentation.
/// </summary>
public static class TorchCheckpoint
{
    // 0x1950a86a20f9469cfc6c as a pickled integer of ten bytes.
    static ReadOnlySpan<byte> LegacyMagic => [0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

    /// <summary>Whether a file begins as the legacy form does.</summary>
    public static bool IsLegacy(ReadOnlySpan<byte> bytes) => bytes.Length > 2 && bytes[0] == 0x80 && bytes[2..].StartsWith(LegacyMagic);

    /// <summary>Reads the legacy form.</summary>
    /// <param name="file">The file's name, for messages.</param>
    /// <param name="bytes">All of it.</param>
    /// <exception cref="EngineException">It is damaged, holds more than data, or no tensor.</exception>
    public static ModelFile ReadLegacy(string file, ReadOnlyMemory<byte> bytes)
    {
        var pickles = new PickleReader(file, bytes);
        for (var preamble = 0; preamble < 3; preamble++)   // magic number, version of the protocol, sizes of C's types
        {
            pickles.Read();
        }

        var root = pickles.Read();
        var keys = pickles.Read() as List<object?>
            ?? throw EngineException.Model($"{file}: the list of storages is missing behind the pickle.");
        var storages = LegacyStorages(file, bytes[pickles.Position..], keys, pickles.Storages);
        return ModelOf(file, "PyTorch (legacy)", root, new TorchTensors(file, bytes.Length, key => storages.TryGetValue(key, out var storage)
            ? storage
            : throw EngineException.Model($"{file}: there is no storage '{key}'.")));
    }

    /// <summary>Reads the zip form.</summary>
    /// <param name="file">The file's name, for messages.</param>
    /// <param name="bytes">Its length.</param>
    /// <param name="entries">Its entries.</param>
    /// <exception cref="EngineException">It is damaged, holds more than data, or no tensor.</exception>
    internal static ModelFile ReadZip(string file, ReadOnlyMemory<byte> bytes, ZipEntries entries)
    {
        var pickle = entries.Names.FirstOrDefault(name => name.EndsWith("/data.pkl", StringComparison.Ordinal))
            ?? throw EngineException.Model($"{file}: the archive holds no 'data.pkl' of PyTorch and no 'config.json' of Keras.");
        var folder = pickle[..^"data.pkl".Length];
        if (entries.Names.Any(name => name.StartsWith($"{folder}code/", StringComparison.Ordinal)))
        {
            throw EngineException.Model($"{file}: it is a TorchScript module, which is a program. Save its weights: torch.save(module.state_dict(), ...).");
        }

        if (entries.Contains($"{folder}byteorder") && !entries.Bytes($"{folder}byteorder").AsSpan().SequenceEqual("little"u8))
        {
            throw EngineException.Model($"{file}: its numbers are big-endian; only little-endian ones are read.");
        }

        var content = entries.Bytes(pickle);
        if (content.Length > bytes.Length)
        {
            throw EngineException.Model($"{file}: the archive's entry '{pickle}' is compressed, which PyTorch never does.");
        }

        var root = new PickleReader(file, content).Read();
        return ModelOf(file, "PyTorch", root, new TorchTensors(file, bytes.Length, key => entries.Bytes($"{folder}data/{key}")));
    }

    static ModelFile ModelOf(string file, string format, object? root, TorchTensors reader)
    {
        var tensors = reader.Flatten(root);
        return tensors.Count > 0
            ? StateDict.Describe(format, Unwrap(tensors))
            : throw EngineException.Model($"{file}: there is no tensor of floating-point numbers in it.");
    }

    /// <summary>The names without what only wraps all of them: the key of a checkpoint, or the module of a parallel training.</summary>
    static List<Tensor> Unwrap(List<Tensor> tensors)
    {
        string[] wrappers = ["state_dict.", "model_state_dict.", "model_state.", "model.", "module.", "net.", "network.", "weights."];
        while (Array.Find(wrappers, wrapper => tensors.TrueForAll(tensor => tensor.Name.StartsWith(wrapper, StringComparison.Ordinal))) is { } found)
        {
            tensors = [.. tensors.Select(tensor => tensor with { Name = tensor.Name[found.Length..] })];
        }

        return tensors;
    }

    /// <summary>The numbers of each storage: how many, in 8 bytes, and then they themselves; only the pickle tells their type.</summary>
    static Dictionary<string, ReadOnlyMemory<byte>> LegacyStorages(
        string file, ReadOnlyMemory<byte> rest, List<object?> keys, Dictionary<string, TorchStorage> referred)
    {
        var storages = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        foreach (var key in keys)
        {
            if (key is not string name || !referred.TryGetValue(name, out var storage) || rest.Length < sizeof(long))
            {
                throw EngineException.Model($"{file}: the list of storages names one that no tensor has, or that is not there.");
            }

            var length = BinaryPrimitives.ReadInt64LittleEndian(rest.Span);
            rest = rest[sizeof(long)..];
            if (length < 0 || length > rest.Length / storage.Bytes)
            {
                throw EngineException.Model($"{file}: storage '{name}' claims {length} numbers; {rest.Length} bytes are left.");
            }

            storages[name] = rest[..(int)(length * storage.Bytes)];
            rest = rest[(int)(length * storage.Bytes)..];
        }

        return storages;
    }
}
