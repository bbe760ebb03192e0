using System.Diagnostics;
using Rnn.Engine;
using Rnn.Engine.Codecs;
using Rnn.Engine.Models;

namespace Rnn.Api.OpenInference;

/// <summary>
/// A model's inputs as tensors: <c>input</c> of numbers [batch, time, features], <c>tokens</c> [batch, time], <c>words</c>
/// [batch, time] or <c>text</c> [batch]; a single sequence may leave out the batch. Beside it, the states to begin from.
/// </summary>
static class InputTensors
{
    public const string Numbers = "input";
    public const string Tokens = "tokens";
    public const string Text = "text";
    public const string Words = "words";

    /// <summary>The input that every client can fill in.</summary>
    public static TensorMetadata Of(RecurrentModel model) => model.Input switch
    {
        _ when model.Encoder is not null => new(Generation.Input, Datatype.Bytes, [1]),
        FeatureCodec features => new(Numbers, Datatype.Fp32, [-1, -1, features.Features.Count]),
        TokenCodec => new(Tokens, Datatype.Int64, [-1, -1]),
        WordFeatureCodec => new(Words, Datatype.Bytes, [-1, -1]),
        _ => throw new UnreachableException($"No tensor of {model.Input.GetType()}. This is a bug."),
    };

    /// <summary>An input that may be given instead of <see cref="Of"/>; null if there is none.</summary>
    public static TensorMetadata? InsteadOf(RecurrentModel model) =>
        model.Encoder is null && model.Input is TokenCodec or WordFeatureCodec ? new(Text, Datatype.Bytes, [-1]) : null;

    /// <summary>The sequences of a batch.</summary>
    /// <exception cref="EngineException">The tensors are not this model's inputs.</exception>
    public static IReadOnlyList<ModelInput> Read(RecurrentModel model, IReadOnlyList<Tensor> inputs)
    {
        var (usual, other) = (Of(model), InsteadOf(model));
        foreach (var (index, tensor) in inputs.Index())
        {
            if (tensor.Name != usual.Name && tensor.Name != other?.Name && tensor.Name != StateTensor.Name)
            {
                var names = other is null ? $"'{usual.Name}'" : $"'{usual.Name}' or '{other.Name}'";
                throw EngineException.Input($"/inputs/{index}", $"unexpected inference input '{tensor.Name}' for model '{model.Name}': it reads {names}.");
            }

            if (inputs.Take(index).Any(earlier => earlier.Name == tensor.Name))
            {
                throw EngineException.Input($"/inputs/{index}", $"input '{tensor.Name}' already exists in request");
            }
        }

        return inputs.Where(tensor => tensor.Name != StateTensor.Name).ToList() is [var only]
            ? Read(only)
            : throw EngineException.Input("/inputs", other is null
                ? $"expected input '{usual.Name}' for model '{model.Name}'"
                : $"expected input '{usual.Name}' or '{other.Name}', and not both, for model '{model.Name}'");
    }

    static IReadOnlyList<ModelInput> Read(Tensor tensor)
    {
        if (tensor.Count == 0)
        {
            throw EngineException.Input($"/{tensor.Name}", $"input '{tensor.Name}' of shape {Tensor.Text(tensor.Shape)} is empty");
        }

        switch (tensor.Name)
        {
            case Numbers:
                var (batch, time, width) = tensor.Shape switch
                {
                    [var features] => (1L, 1L, features),
                    [var timesteps, var features] => (1L, timesteps, features),
                    [var sequences, var timesteps, var features] => (sequences, timesteps, features),
                    _ => throw UnexpectedShape(tensor, "[batch,time,features], [time,features] or [features]"),
                };
                return Batch(tensor.ToDoubles(), batch, (int)(time * width), values => new() { Values = Rows(values, (int)width) });
            case Tokens:
                return Batch(tensor.ToTokens(), tensor, tokens => new() { Tokens = tokens });
            case Words:
                return Batch(tensor.ToTexts(), tensor, words => new() { Words = words });
            default:
                return tensor.Shape is [] or [_] or [_, 1]
                    ? [.. tensor.ToTexts().Select(text => new ModelInput { Text = text })]
                    : throw UnexpectedShape(tensor, "[batch] or [batch,1]");
        }
    }

    static IReadOnlyList<ModelInput> Batch<T>(T[] elements, Tensor tensor, Func<ArraySegment<T>, ModelInput> read) => tensor.Shape switch
    {
        [var time] => Batch(elements, 1, (int)time, read),
        [var batch, var time] => Batch(elements, batch, (int)time, read),
        _ => throw UnexpectedShape(tensor, "[batch,time] or [time]"),
    };

    static IReadOnlyList<ModelInput> Batch<T>(T[] elements, long batch, int length, Func<ArraySegment<T>, ModelInput> read) =>
        [.. Enumerable.Range(0, (int)batch).Select(sequence => read(new(elements, sequence * length, length)))];

    static IReadOnlyList<double>[] Rows(ArraySegment<double> values, int width)
    {
        var rows = new IReadOnlyList<double>[values.Count / width];
        for (var timestep = 0; timestep < rows.Length; timestep++)
        {
            rows[timestep] = values.Slice(timestep * width, width);
        }

        return rows;
    }

    static EngineException UnexpectedShape(Tensor tensor, string expected) => EngineException.Input(
        $"/{tensor.Name}", $"unexpected shape for input '{tensor.Name}': expected {expected}, got {Tensor.Text(tensor.Shape)}");
}
