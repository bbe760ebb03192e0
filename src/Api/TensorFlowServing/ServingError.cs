using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;
using Rnn.Api.Errors;

namespace Rnn.Api.TensorFlowServing;

/// <summary>An error as TensorFlow Serving tells it: a status and a sentence.</summary>
sealed record ServingError([property: JsonPropertyName("error")] string Error)
{
    /// <summary>A problem, and where it is.</summary>
    public static ServingError Of(ProblemDetails problem)
    {
        var message = problem.Detail ?? problem.Title ?? "The server has failed.";
        return new(Problem.PointerOf(problem) is { Length: > 0 } pointer ? $"{message} (at {pointer})" : message);
    }
}
