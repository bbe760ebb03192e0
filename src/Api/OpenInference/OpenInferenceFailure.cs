namespace Rnn.Api.OpenInference;

/// <summary>Answers what the host refuses before a route runs, and a failure of ours, in the form of this protocol.</summary>
sealed class OpenInferenceFailure : IProblemDetailsWriter
{
    public bool CanWrite(ProblemDetailsContext context) => OpenInferenceError.Owns(context.HttpContext.Request);

    public ValueTask WriteAsync(ProblemDetailsContext context)
    {
        var status = context.HttpContext.Response.StatusCode;
        var answer = context.ProblemDetails.Detail is { } detail ? OpenInferenceError.Of(status, detail) : OpenInferenceError.Of(status);
        return new(answer.ExecuteAsync(context.HttpContext));
    }
}
