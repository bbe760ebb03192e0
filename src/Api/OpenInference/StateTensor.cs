using Rnn.Api.Rest;
using Rnn.Engine;
using Rnn.Engine.Layers;

namespace Rnn.Api.OpenInference;

/// <summary>
/// States as a tensor, UINT8 [batch, bytes]: their compact binary form, so that one of another model, or not signed where that is
/// asked for, is refused here as everywhere. Given and told only if named.
/// </summary>
static class StateTensor
{
    public const string Name = "state";

    /// <summary>What each sequence of a batch begins from; null if no state is given.</summary>
    /// <exception cref="EngineException">The tensor is not of states, or not of as many as there are sequences.</exception>
    public static IReadOnlyList<Func<StateLayout, RecurrentState>>? Read(IReadOnlyList<Tensor> inputs, int batch, StateForms states)
    {
        if (inputs.FirstOrDefault(input => input.Name == Name) is not { } tensor)
        {
            return null;
        }

        if (tensor.Datatype != Datatype.UInt8 || !(tensor.Shape is [var sequences, _] ? sequences == batch : tensor.Shape is [_] && batch == 1))
        {
            throw EngineException.Input(
                $"/{Name}", $"input '{Name}' must be UINT8 of the shape [{batch},bytes], as the output '{Name}' is; it is {tensor.Datatype} of the shape {Tensor.Text(tensor.Shape)}");
        }

        var size = tensor.Values.Length / batch;
        return [.. Enumerable.Range(0, batch).Select(sequence =>
            (Func<StateLayout, RecurrentState>)(layout => states.Read(tensor.Values.Slice(sequence * size, size).Span, layout)))];
    }

    public static Tensor Write(IReadOnlyList<RecurrentState> sequences, StateForms states)
    {
        byte[][] bytes = [.. sequences.Select(states.Bytes)];
        return Tensor.Of(Name, Datatype.UInt8, [bytes.Length, bytes[0].Length], bytes.SelectMany(state => state).ToArray());
    }
}
