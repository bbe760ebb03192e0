using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Rnn.Api.Errors;
using Rnn.Engine;

namespace Rnn.Api.TensorFlowServing;

/// <summary>An error as TensorFlow Serving tells it: a status and a sentence.</summary>
sealed record ServingError([property: JsonPropertyName("error")] string Error)
{
    /// <summary>Answers what is somebody's fault. Has no arguments bound before it that could fail.</summary>
    public static async ValueTask<object?> TellAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (EngineException exception)
        {
            if (Problem.IsWorthRetrying(exception, isSafeTwice: true))
            {
                context.HttpContext.Response.Headers.RetryAfter = "1";
            }

            return Of(StatusOf(exception.Kind), Located(exception.Message, exception.Pointer));
        }
        catch (JsonException exception)
        {
            return Of(StatusCodes.Status400BadRequest, Located(JsonFault.Describe(exception), JsonFault.PointerOf(exception)));
        }
        catch (BadHttpRequestException exception)
        {
            return Of(exception.StatusCode, exception.Message);
        }
    }

    /// <summary>The statuses are those of the native protocol, without 422, which TensorFlow Serving does not know.</summary>
    static int StatusOf(ErrorKind kind) => Problem.StatusOf(kind) switch
    {
        StatusCodes.Status422UnprocessableEntity => StatusCodes.Status400BadRequest,
        var status => status,
    };

    static JsonHttpResult<ServingError> Of(int status, string message) => TypedResults.Json(new ServingError(message), statusCode: status);

    static string Located(string message, string? pointer) => string.IsNullOrEmpty(pointer) ? message : $"{message} (at {pointer})";
}
