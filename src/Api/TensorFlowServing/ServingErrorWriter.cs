using Microsoft.AspNetCore.Diagnostics;

namespace Rnn.Api.TensorFlowServing;

/// <summary>
/// Writes every problem of TensorFlow Serving's routes in its shape. They are told by their metadata, as OpenAI's stand under the same prefix.
/// </summary>
sealed class ServingErrorWriter : IProblemDetailsWriter
{
    public bool CanWrite(ProblemDetailsContext context)
    {
        // The error handler forgets the route, but says which it was.
        var http = context.HttpContext;
        var endpoint = http.GetEndpoint() ?? http.Features.Get<IExceptionHandlerFeature>()?.Endpoint;
        return endpoint?.Metadata.GetMetadata<ServingRoute>() is not null;
    }

    public async ValueTask WriteAsync(ProblemDetailsContext context)
    {
        var http = context.HttpContext;
        if (http.Response.StatusCode == StatusCodes.Status422UnprocessableEntity)
        {
            http.Response.StatusCode = StatusCodes.Status400BadRequest;      // TensorFlow Serving does not know the other
        }

        await http.Response.WriteAsJsonAsync(ServingError.Of(context.ProblemDetails), http.RequestAborted);
    }
}

/// <summary>Marks a route of this protocol.</summary>
sealed class ServingRoute;
