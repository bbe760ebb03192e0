using System.ComponentModel;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;

namespace Rnn.Api.Rest;

/// <summary>Calls to run together, each as it would be sent alone.</summary>
/// <typeparam name="T">The body of a call; <see cref="JsonElement"/> as long as it is not known to be one.</typeparam>
public sealed record BatchRequest<T>
{
    [Description("The bodies of the calls. They need not be of one length.")]
    public required IReadOnlyList<T> Inputs { get; init; }
}

/// <summary>What came of each call of a batch.</summary>
/// <typeparam name="T">The reply to a call.</typeparam>
public sealed record BatchResponse<T>
{
    [Description("The model that ran.")]
    public required string Model { get; init; }

    [Description("The replies in the order of the inputs; in place of a reply that there is not, an object with its `error` as problem details.")]
    public required IReadOnlyList<T> Results { get; init; }

    [Description("How many are errors.")]
    public required int Failed { get; init; }
}

/// <summary>In place of a reply.</summary>
/// <param name="Error">What is wrong, and where.</param>
sealed record BatchError(ProblemDetails Error);

/// <summary>The reply to a line, as the document tells it; it is written without being one.</summary>
/// <param name="Index">The number of the line's call, from 0.</param>
/// <param name="Result">The reply.</param>
/// <param name="Id">The call's own, if it has one.</param>
sealed record LineReply<T>(long Index, T Result, object? Id = null);

/// <summary>The same in place of a reply.</summary>
/// <param name="Index">The number of the line's call, from 0.</param>
/// <param name="Error">What is wrong, and where.</param>
/// <param name="Id">The call's own, if it has one.</param>
sealed record LineError(long Index, ProblemDetails Error, object? Id = null);
