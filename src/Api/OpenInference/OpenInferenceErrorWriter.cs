namespace Rnn.Api.OpenInference;

/// <summary>Writes every problem under <c>/v2</c> in this protocol's shape, whoever has found it: a route, the host, or a fault of ours.</summary>
sealed class OpenInferenceErrorWriter : IProblemDetailsWriter
{
    public bool CanWrite(ProblemDetailsContext context) => OpenInferenceError.Owns(context.HttpContext.Request);

    public async ValueTask WriteAsync(ProblemDetailsContext context)
    {
        var (http, problem) = (context.HttpContext, context.ProblemDetails);
        http.Response.StatusCode = OpenInferenceError.StatusOf(problem) ?? http.Response.StatusCode;
        await http.Response.WriteAsJsonAsync(OpenInferenceError.Of(problem), http.RequestAborted);
    }
}
