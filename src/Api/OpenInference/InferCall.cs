namespace Rnn.Api.OpenInference;

/// <summary>An inference as the protocol asks for it, whatever carries it.</summary>
sealed record InferCall
{
    /// <summary>The model's name.</summary>
    public required string Model { get; init; }

    /// <summary>The version as it was given; null or empty for the highest, or a sequence's own.</summary>
    public string? Version { get; init; }

    /// <summary>What the client calls the request; told again with the reply.</summary>
    public string? Id { get; init; }

    /// <summary>The parameters of the request.</summary>
    public Parameters Parameters { get; init; } = Parameters.None;

    /// <summary>The inputs.</summary>
    public IReadOnlyList<Tensor> Inputs { get; init; } = [];

    /// <summary>The outputs that are wanted; all if there are none.</summary>
    public IReadOnlyList<RequestedOutput> Outputs { get; init; } = [];

    /// <summary>What makes a call on a sequence unique; null if nothing does.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Where the sequence must be, as an If-Match header tells it; null for anywhere.</summary>
    public string? ExpectedTag { get; init; }

    /// <summary>The reply as it is kept under the key, with its media type. Needed with a key.</summary>
    public Func<InferReply, (string ContentType, byte[] Body)>? Keep { get; init; }
}

/// <summary>An output that is wanted.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Parameters">How it is wanted.</param>
sealed record RequestedOutput(string Name, Parameters Parameters);
