namespace Rnn.Api.OpenInference;

/// <summary>Answers a failure of ours, which nothing else has answered, in the form of this protocol.</summary>
sealed class OpenInferenceFailure : IProblemDetailsWriter
{
    public bool CanWrite(ProblemDetailsContext context) => OpenInferenceError.Owns(context.HttpContext.Request);

    public ValueTask WriteAsync(ProblemDetailsContext context) =>
        new(OpenInferenceError.Of(context.HttpContext.Response.StatusCode).ExecuteAsync(context.HttpContext));
}
