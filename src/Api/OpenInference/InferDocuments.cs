using System.ComponentModel;
using System.Text.Json;

namespace Rnn.Api.OpenInference;

/// <summary>An inference, for the OpenAPI document: <see cref="InferHeader"/> reads it straight into tensors.</summary>
sealed record InferDocument
{
    [Description("What the client calls the request; told again.")]
    public string? Id { get; init; }

    [Description("sequence_id, sequence_start, sequence_end, expected_step, return, binary_data_output.")]
    public IReadOnlyDictionary<string, JsonElement>? Parameters { get; init; }

    [Description("The model's inputs.")]
    public required IReadOnlyList<InferTensor> Inputs { get; init; }

    [Description("The outputs that are wanted; all if left out.")]
    public IReadOnlyList<InferOutput>? Outputs { get; init; }
}

/// <summary>An inference's reply, for the OpenAPI document: <see cref="InferResult"/> writes it.</summary>
sealed record InferReplyDocument
{
    [Description("The model that ran.")]
    public required string ModelName { get; init; }

    [Description("Its version.")]
    public required string ModelVersion { get; init; }

    [Description("What the client called the request.")]
    public string? Id { get; init; }

    [Description("Of a sequence: step, how many timesteps it has had.")]
    public IReadOnlyDictionary<string, JsonElement>? Parameters { get; init; }

    [Description("The outputs.")]
    public required IReadOnlyList<InferTensor> Outputs { get; init; }
}

/// <summary>A tensor with its elements.</summary>
sealed record InferTensor
{
    [Description("Its name.")]
    public required string Name { get; init; }

    [Description("The length of each dimension.")]
    public required IReadOnlyList<long> Shape { get; init; }

    [Description("Its datatype, such as FP32.")]
    public required string Datatype { get; init; }

    [Description("binary_data_size: how many bytes it takes after the JSON; instead of data.")]
    public IReadOnlyDictionary<string, JsonElement>? Parameters { get; init; }

    [Description("The elements in row-major order, nested or flat.")]
    public IReadOnlyList<JsonElement>? Data { get; init; }
}

/// <summary>An output that is wanted.</summary>
sealed record InferOutput
{
    [Description("Its name.")]
    public required string Name { get; init; }

    [Description("binary_data: whether to send it as bytes. classification: how many classes to tell instead of its numbers.")]
    public IReadOnlyDictionary<string, JsonElement>? Parameters { get; init; }
}
