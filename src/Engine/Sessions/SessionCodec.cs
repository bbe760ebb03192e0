using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Rnn.Engine.Sessions.Stored;

namespace Rnn.Engine.Sessions;

/// <summary>
/// The bytes of a record in a durable store:
/// <code>
/// 0   int64    stamp, little-endian: a store compares these eight bytes and need not know the rest
/// 8   uint64   XxHash3 of the stamp and of all that follows this field, little-endian
/// 16  ..       session.proto
/// </code>
/// </summary>
public static class SessionCodec
{
    /// <summary>Where the checksum lies; the stamp is before it.</summary>
    public const int StampBytes = sizeof(long);

    const int HeaderBytes = StampBytes + sizeof(ulong);

    /// <summary>The stamp as it stands in front of a record.</summary>
    public static byte[] Stamp(long stamp)
    {
        var bytes = new byte[StampBytes];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, stamp);
        return bytes;
    }

    /// <summary>Writes a record.</summary>
    public static byte[] Encode(SessionRecord session)
    {
        var message = Message(session);
        var bytes = new byte[HeaderBytes + message.CalculateSize()];
        message.WriteTo(bytes.AsSpan(HeaderBytes));
        BinaryPrimitives.WriteInt64LittleEndian(bytes, session.Stamp);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(StampBytes), Checksum(bytes));
        return bytes;
    }

    /// <summary>Reads a record.</summary>
    /// <param name="key">The <see cref="SessionRecord.Key"/> under which it was found.</param>
    /// <param name="bytes">What was found.</param>
    /// <param name="now">The time.</param>
    /// <returns>The record. If the bytes are damaged, that of a session that has ended by it, so that its ID can be used again.</returns>
    public static SessionRecord Decode(string key, ReadOnlySpan<byte> bytes, DateTimeOffset now)
    {
        var stamp = bytes.Length >= StampBytes ? BinaryPrimitives.ReadInt64LittleEndian(bytes) : 0;
        if (bytes.Length < HeaderBytes || Checksum(bytes) != BinaryPrimitives.ReadUInt64LittleEndian(bytes[StampBytes..]))
        {
            return Damaged(SessionKey.Parse(key), stamp, now);
        }

        try
        {
            var message = StoredSession.Parser.ParseFrom(bytes[HeaderBytes..]);
            var record = Record(stamp, message);
            return record.Key == key ? record : Damaged(SessionKey.Parse(key), stamp, now);
        }
        catch (InvalidProtocolBufferException)
        {
            return Damaged(SessionKey.Parse(key), stamp, now);
        }
    }

    static SessionRecord Damaged(SessionKey key, long stamp, DateTimeOffset now) => new()
    {
        Id = key.Id,
        Owner = key.Owner,
        Stamp = stamp,
        Model = "",
        Version = 0,
        Fingerprint = "",
        State = new Snapshot(0, []),
        Created = now,
        LastUsed = now,
        TimeToLive = TimeSpan.Zero,
        Ended = new Ending(EndReason.Damaged, now),
    };

    static ulong Checksum(ReadOnlySpan<byte> bytes)
    {
        var hash = new XxHash3();
        hash.Append(bytes[..StampBytes]);
        hash.Append(bytes[HeaderBytes..]);
        return hash.GetCurrentHashAsUInt64();
    }

    static StoredSession Message(SessionRecord session)
    {
        var message = new StoredSession
        {
            Id = session.Id,
            Owner = session.Owner ?? "",
            Model = session.Model,
            Version = session.Version,
            Fingerprint = session.Fingerprint,
            State = Message(session.State),
            Inputs = session.Inputs is null ? null : Message(session.Inputs),
            HistorySize = session.HistorySize,
            Epoch = session.Epoch,
            InitialState = session.InitialState ?? "",
            Created = session.Created.UtcTicks,
            LastUsed = session.LastUsed.UtcTicks,
            TimeToLive = session.TimeToLive.Ticks,
            EndReason = (int)(session.Ended?.Reason ?? 0),
            Ended = session.Ended?.When.UtcTicks ?? 0,
        };
        message.History.AddRange(session.History.Select(Message));
        message.Answers.AddRange(session.Answers.Select(Message));
        message.Tags.AddRange(session.Tags);
        message.PastKeys.AddRange(session.PastKeys);
        return message;
    }

    static StoredState Message(Snapshot state) => new() { Step = state.Step, Values = Bytes(state.Values) };

    static StoredInputs Message(KeptInputs inputs)
    {
        var message = new StoredInputs { Limit = inputs.Limit, Meaning = inputs.Meaning, Width = inputs.Rows.Width };
        message.Tokens.AddRange(inputs.Rows.Tokens.Items.Span);
        message.Values.AddRange(inputs.Rows.Values.Items.Span);
        if (inputs.LostAt is { } step)
        {
            message.LostAt = step;
        }

        return message;
    }

    static StoredAnswer Message(KeptAnswer answer) => new()
    {
        Key = answer.Call.Key,
        RequestHigh = (ulong)(answer.Call.Request >> 64),
        RequestLow = (ulong)answer.Call.Request,
        Tag = answer.Tag,
        ContentType = answer.ContentType,
        Body = UnsafeByteOperations.UnsafeWrap(answer.Body),
    };

    static SessionRecord Record(long stamp, StoredSession message) => new()
    {
        Id = message.Id,
        Owner = message.Owner is "" ? null : message.Owner,
        Stamp = stamp,
        Model = message.Model,
        Version = message.Version,
        Fingerprint = message.Fingerprint,
        State = Record(message.State),
        HistorySize = message.HistorySize,
        History = [.. message.History.Select(Record)],
        Inputs = message.Inputs is null ? null : Record(message.Inputs),
        Epoch = message.Epoch,
        Answers = [.. message.Answers.Select(Record)],
        PastKeys = [.. message.PastKeys],
        InitialState = message.InitialState is "" ? null : message.InitialState,
        Tags = [.. message.Tags],
        Created = Time(message.Created),
        LastUsed = Time(message.LastUsed),
        TimeToLive = new TimeSpan(message.TimeToLive),
        Ended = message.EndReason == 0 ? null : new Ending((EndReason)message.EndReason, Time(message.Ended)),
    };

    static Snapshot Record(StoredState state) => new(state.Step, Floats(state.Values.Span));

    static KeptInputs Record(StoredInputs inputs) => new(inputs.Limit, inputs.Meaning, new(new([.. inputs.Tokens]), new([.. inputs.Values]), inputs.Width))
    {
        LostAt = inputs.HasLostAt ? inputs.LostAt : null,
    };

    static KeptAnswer Record(StoredAnswer answer) => new(
        new IdempotencyKey(answer.Key, new UInt128(answer.RequestHigh, answer.RequestLow)), answer.Tag, answer.ContentType, answer.Body.Memory);

    static DateTimeOffset Time(long ticks) => new(ticks, TimeSpan.Zero);

    static ByteString Bytes(ReadOnlySpan<float> values)
    {
        var bytes = new byte[values.Length * sizeof(float)];
        MemoryMarshal.AsBytes(values).CopyTo(bytes);
        if (!BitConverter.IsLittleEndian)
        {
            Reverse(MemoryMarshal.Cast<byte, int>(bytes.AsSpan()));
        }

        return UnsafeByteOperations.UnsafeWrap(bytes);
    }

    static float[] Floats(ReadOnlySpan<byte> bytes)
    {
        var values = new float[bytes.Length / sizeof(float)];
        bytes[..(values.Length * sizeof(float))].CopyTo(MemoryMarshal.AsBytes(values.AsSpan()));
        if (!BitConverter.IsLittleEndian)
        {
            Reverse(MemoryMarshal.Cast<float, int>(values.AsSpan()));
        }

        return values;
    }

    static void Reverse(Span<int> words)
    {
        foreach (ref var word in words)
        {
            word = BinaryPrimitives.ReverseEndianness(word);
        }
    }
}
