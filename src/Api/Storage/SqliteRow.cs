using Rnn.Engine.Sessions;

namespace Rnn.Api.Storage;

/// <summary>What stands in the table of a session.</summary>
/// <param name="Key">Its <see cref="SessionRecord.Key"/>, in the column <c>id</c>.</param>
/// <param name="Stamp">What a write over it must name: it stands beside the record too, for one that is damaged.</param>
/// <param name="Bytes">Its record.</param>
sealed record SqliteRow(string Key, long Stamp, byte[] Bytes)
{
    /// <param name="now">The time.</param>
    /// <returns>The record. If it is damaged, that of a session that has ended by it.</returns>
    public SessionRecord Decode(DateTimeOffset now) => SessionCodec.Decode(Key, Bytes, now) with { Stamp = Stamp };
}
