using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;
using Rnn.Api.Errors;
using Rnn.Engine;

namespace Rnn.Api.OpenAi;

/// <summary>What OpenAI's clients are answered that can't have what they asked for: a problem, in their words.</summary>
public sealed record OpenAiError
{
    [JsonPropertyName("error"), Description("What is wrong.")]
    public required OpenAiErrorBody Error { get; init; }

    internal static OpenAiError Of(EngineException exception) => Of(Problem.Of(exception).ProblemDetails);

    /// <summary>The type is the side that is at fault, and the code is the name that docs/errors.md lists.</summary>
    internal static OpenAiError Of(ProblemDetails problem)
    {
        var code = Problem.NameOf(problem)?.Replace('-', '_');
        return new()
        {
            Error = new()
            {
                Message = problem.Detail ?? problem.Title ?? "The server has failed.",
                Type = problem.Status >= 500 ? "server_error" : "invalid_request_error",
                Param = ParameterOf(Problem.PointerOf(problem)) ?? (code is "model_not_found" or "not_supported" ? "model" : null),
                Code = code,
            },
        };
    }

    /// <summary><c>/prompt/2</c> is <c>prompt[2]</c>, and a member of the engine is the one that it came from: <c>/topP</c> is <c>top_p</c>.</summary>
    static string? ParameterOf(string? pointer)
    {
        if (pointer?.Split('/') is not ["", { Length: > 0 } name, .. var rest])
        {
            return null;
        }

        var place = name is "prompt" or "input" && rest is [var index] ? $"[{index}]" : "";
        return JsonNamingPolicy.SnakeCaseLower.ConvertName(name) + place;
    }
}

/// <summary>One fault.</summary>
public sealed record OpenAiErrorBody
{
    [JsonPropertyName("message"), Description("What was found, and what was expected.")]
    public required string Message { get; init; }

    [JsonPropertyName("type"), Description("Whose fault it is: invalid_request_error or server_error.")]
    public required string Type { get; init; }

    [JsonPropertyName("param"), JsonIgnore(Condition = JsonIgnoreCondition.Never), Description("The parameter that is at fault, if it is one.")]
    public string? Param { get; init; }

    [JsonPropertyName("code"), JsonIgnore(Condition = JsonIgnoreCondition.Never), Description("What kind of fault it is.")]
    public string? Code { get; init; }
}
