namespace Rnn.Api.OpenAi;

/// <summary>Writes every problem under <c>/v1</c> in OpenAI's shape, whoever has found it: a route, the host, or a fault of ours.</summary>
sealed class OpenAiErrorWriter : IProblemDetailsWriter
{
    public bool CanWrite(ProblemDetailsContext context) => context.HttpContext.Request.Path.StartsWithSegments(OpenAiDialect.Prefix);

    public async ValueTask WriteAsync(ProblemDetailsContext context)
    {
        var response = context.HttpContext.Response;
        if (response.StatusCode == StatusCodes.Status422UnprocessableEntity)
        {
            response.StatusCode = StatusCodes.Status400BadRequest;     // the one that this dialect has for a request that can't be
        }

        await response.WriteAsJsonAsync(OpenAiError.Of(context.ProblemDetails), context.HttpContext.RequestAborted);
    }
}
