using Rnn.Engine.Layers;

namespace Rnn.Api.Rest;

/// <summary>States as clients hold them: by layer as JSON, or in their compact binary form; signed, if the server has a key for it.</summary>
/// <param name="options">Whether there is a key.</param>
sealed class StateForms(ServerOptions options)
{
    readonly StateSeal? _seal = options.StateKey is null ? null : new StateSeal(Convert.FromBase64String(options.StateKey));

    public StateDocument Document(RecurrentState state)
    {
        var document = StateDocument.From(state);
        return _seal is null ? document : document with { Signature = _seal.Sign(StateCodec.Encode(state)) };
    }

    public byte[] Bytes(RecurrentState state) => _seal is null ? StateCodec.Encode(state) : StateCodec.Encode(state, _seal);

    /// <param name="document">What the client gave.</param>
    /// <param name="layout">What the model expects.</param>
    /// <param name="pointer">Where the document lies in the request.</param>
    public RecurrentState Read(StateDocument document, StateLayout layout, string pointer)
    {
        var state = document.ToState(layout, pointer);
        return _seal is null || _seal.Verifies(StateCodec.Encode(state), document.Signature)
            ? state
            : throw StateDocument.Refused($"{pointer}/signature", "The state is not signed by this server; it takes only states that it gave.");
    }

    public RecurrentState Read(ReadOnlySpan<byte> bytes, StateLayout layout) =>
        _seal is null ? StateCodec.Decode(layout, bytes) : StateCodec.Decode(layout, bytes, _seal);
}
