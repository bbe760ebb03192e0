using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;

namespace Rnn.Engine.Formats.PyTorch;

/// <summary>
/// A pickle machine for data: numbers, strings, tuples, lists, dictionaries and tensors, protocols 0 to 5. It knows the names that
/// tensors need and refuses all others; nothing is ever run. Source of the opcodes: the documentation of Python's pickletools.
/// </summary>
/// <param name="file">The file's name, for messages.</param>
/// <param name="bytes">One pickle after the other.</param>
sealed class PickleReader(string file, ReadOnlyMemory<byte> bytes)
{
    // What a state_dict of 10,000 tensors needs, with room.
    const int MaxStack = 1 << 20;
    const int MaxMemo = 1 << 20;
    const int MaxOpcodes = 1 << 21;
    const int MaxBytes = 64 << 20;

    readonly List<object?> _stack = [];
    readonly Stack<int> _marks = [];
    readonly Dictionary<long, object?> _memo = [];
    int _position;

    /// <summary>Where the next pickle begins, in bytes.</summary>
    public int Position => _position;

    /// <summary>Every storage that was referred to, by its key.</summary>
    public Dictionary<string, TorchStorage> Storages { get; } = new(StringComparer.Ordinal);

    /// <summary>Reads one pickle.</summary>
    /// <exception cref="EngineException">It is damaged, or holds more than data.</exception>
    public object? Read()
    {
        _stack.Clear();
        _marks.Clear();
        _memo.Clear();
        var begin = _position;
        for (var opcodes = 0; ; opcodes++)
        {
            if (opcodes == MaxOpcodes || _position - begin > MaxBytes)
            {
                throw Damaged($"it has more than {MaxOpcodes} opcodes or {MaxBytes} bytes");
            }

            var opcode = Take(1)[0];
            if (opcode == '.')
            {
                return Pop();
            }

            Execute(opcode);
            if (_stack.Count > MaxStack || _memo.Count > MaxMemo || _marks.Count > MaxStack)
            {
                throw Damaged($"it keeps more than {MaxStack} objects at once");
            }
        }
    }

    void Execute(byte opcode)
    {
        switch ((char)opcode)
        {
            case '\x80':
                Take(1);
                break;
            case '\x95':
                Take(8);
                break;
            case '(':
                _marks.Push(_stack.Count);
                break;
            case '0':
                Pop();
                break;
            case '1':
                PopToMark();
                break;
            case '2':
                _stack.Add(Top());
                break;
            case 'Q':
                var storage = TorchGlobals.Storage(file, Pop());
                Storages.TryAdd(storage.Key, storage);
                _stack.Add(storage);
                break;
            default:
                if (!PushValue(opcode) && !Build(opcode) && !Remember(opcode))
                {
                    throw Damaged($"its opcode 0x{opcode:x2} at byte {_position - 1} is none that data needs");
                }

                break;
        }
    }

    /// <summary>Opcodes that push a value which stands in the stream.</summary>
    bool PushValue(byte opcode)
    {
        object? value;
        switch ((char)opcode)
        {
            case 'N':
                value = null;
                break;
            case '\x88' or '\x89':
                value = opcode == 0x88;
                break;
            case 'J':
                value = (long)BinaryPrimitives.ReadInt32LittleEndian(Take(4));
                break;
            case 'K':
                value = (long)Take(1)[0];
                break;
            case 'M':
                value = (long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2));
                break;
            case 'I' or 'L':
                value = Decimal(Line());
                break;
            case '\x8a':
                value = Integer(Take(Take(1)[0]));
                break;
            case '\x8b':
                value = Integer(Take(BinaryPrimitives.ReadInt32LittleEndian(Take(4))));
                break;
            case 'F':
                value = Utf8Parser.TryParse(Line(), out double number, out _) ? number : throw Damaged("it has a float that is none");
                break;
            case 'G':
                value = BinaryPrimitives.ReadDoubleBigEndian(Take(8));
                break;
            case 'X' or 'T':
                value = Text(Take(BinaryPrimitives.ReadUInt32LittleEndian(Take(4))));
                break;
            case '\x8c' or 'U':
                value = Text(Take(Take(1)[0]));
                break;
            case '\x8d':
                value = Text(Take(BinaryPrimitives.ReadUInt64LittleEndian(Take(8))));
                break;
            case 'V':
                value = Text(Line());
                break;
            case 'S':
                value = Text(Line()).Trim('\'', '"');
                break;
            case 'B':
                value = Take(BinaryPrimitives.ReadUInt32LittleEndian(Take(4))).ToArray();
                break;
            case 'C':
                value = Take(Take(1)[0]).ToArray();
                break;
            case '\x8e':
                value = Take(BinaryPrimitives.ReadUInt64LittleEndian(Take(8))).ToArray();
                break;
            case 'c':
                value = TorchGlobals.Find(file, Text(Line()), Text(Line()));
                break;
            case '}':
                value = new PickleDictionary();
                break;
            case ']':
                value = new List<object?>();
                break;
            case ')':
                value = Array.Empty<object?>();
                break;
            default:
                return false;
        }

        _stack.Add(value);
        return true;
    }

    /// <summary>Opcodes that make something of what is on the stack.</summary>
    bool Build(byte opcode)
    {
        switch ((char)opcode)
        {
            case 't':
                _stack.Add(PopToMark());
                break;
            case '\x85' or '\x86' or '\x87':
                var tuple = new object?[opcode - 0x84];
                for (var i = tuple.Length - 1; i >= 0; i--)
                {
                    tuple[i] = Pop();
                }

                _stack.Add(tuple);
                break;
            case 'l':
                _stack.Add(PopToMark().ToList());
                break;
            case 'd':
                var items = PopToMark();
                _stack.Add(new PickleDictionary());
                SetItems(items);
                break;
            case 'a':
                Append([Pop()]);
                break;
            case 'e':
                Append(PopToMark());
                break;
            case 's':
                var value = Pop();
                SetItems([Pop(), value]);
                break;
            case 'u':
                SetItems(PopToMark());
                break;
            case '\x93':
                var name = Pop();
                _stack.Add(Pop() is string module && name is string text
                    ? TorchGlobals.Find(file, module, text)
                    : throw Damaged("it names something by what is no string"));
                break;
            case 'R':
                var arguments = Pop();
                _stack.Add(Pop() is PickleGlobal global && arguments is object?[] list
                    ? TorchGlobals.Call(file, global, list)
                    : throw Damaged("it calls what is no name"));
                break;
            case 'b':
                // The attributes of an OrderedDict (a state_dict's version numbers) are of no use here.
                Pop();
                if (Top() is not PickleDictionary)
                {
                    throw Damaged("it sets attributes of what is no dictionary");
                }

                break;
            default:
                return false;
        }

        return true;
    }

    /// <summary>Opcodes of the memo: an object that is used twice is one object.</summary>
    bool Remember(byte opcode)
    {
        switch ((char)opcode)
        {
            case 'q':
                _memo[Take(1)[0]] = Top();
                break;
            case 'r':
                _memo[BinaryPrimitives.ReadUInt32LittleEndian(Take(4))] = Top();
                break;
            case 'p':
                _memo[Decimal(Line())] = Top();
                break;
            case '\x94':
                _memo[_memo.Count] = Top();
                break;
            case 'h':
                _stack.Add(Recall(Take(1)[0]));
                break;
            case 'j':
                _stack.Add(Recall(BinaryPrimitives.ReadUInt32LittleEndian(Take(4))));
                break;
            case 'g':
                _stack.Add(Recall(Decimal(Line())));
                break;
            default:
                return false;
        }

        return true;
    }

    object? Recall(long index) =>
        _memo.TryGetValue(index, out var value) ? value : throw Damaged($"it recalls object {index}, which it did not remember");

    void Append(object?[] values)
    {
        if (Top() is not List<object?> list)
        {
            throw Damaged("it appends to what is no list");
        }

        list.AddRange(values);
    }

    void SetItems(object?[] values)
    {
        if (Top() is not PickleDictionary dictionary || values.Length % 2 != 0)
        {
            throw Damaged("it sets items of what is no dictionary");
        }

        for (var i = 0; i < values.Length; i += 2)
        {
            dictionary.Items.Add(new(values[i], values[i + 1]));
        }
    }

    object? Pop()
    {
        var value = Top();
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    object? Top() => _stack.Count > (_marks.TryPeek(out var mark) ? mark : 0) ? _stack[^1] : throw Damaged("it takes more from its stack than there is");

    object?[] PopToMark()
    {
        if (!_marks.TryPop(out var mark) || mark > _stack.Count)
        {
            throw Damaged("it has a mark too few");
        }

        object?[] values = [.. _stack[mark..]];
        _stack.RemoveRange(mark, _stack.Count - mark);
        return values;
    }

    long Decimal(ReadOnlySpan<byte> digits) =>
        Utf8Parser.TryParse(digits, out long number, out _) ? number : throw Damaged("it has an integer that is none, or that has more than 64 bits");

    static object Integer(ReadOnlySpan<byte> littleEndian)
    {
        if (littleEndian.Length > sizeof(long))
        {
            return littleEndian.ToArray();                 // such as the legacy form's magic number
        }

        var value = 0L;
        for (var i = littleEndian.Length - 1; i >= 0; i--)
        {
            value = (value << 8) | littleEndian[i];
        }

        var unused = 64 - 8 * littleEndian.Length;
        return littleEndian.IsEmpty ? 0L : value << unused >> unused;
    }

    static string Text(ReadOnlySpan<byte> text) => Encoding.UTF8.GetString(text);

    ReadOnlySpan<byte> Line()
    {
        var rest = bytes.Span[_position..];
        var end = rest.IndexOf((byte)'\n');
        if (end < 0)
        {
            throw Damaged("it ends in the middle of a line");
        }

        _position += end + 1;
        return rest[..end];
    }

    ReadOnlySpan<byte> Take(ulong count) => count <= int.MaxValue ? Take((long)count) : throw Damaged($"it claims {count} bytes at byte {_position}");

    ReadOnlySpan<byte> Take(long count)
    {
        if (count < 0 || count > bytes.Length - _position)
        {
            throw Damaged($"it claims {count} bytes at byte {_position}; {bytes.Length - _position} are left");
        }

        var taken = bytes.Span.Slice(_position, (int)count);
        _position += (int)count;
        return taken;
    }

    EngineException Damaged(string what) => EngineException.Model($"{file}: the pickle is damaged: {what}.");
}
