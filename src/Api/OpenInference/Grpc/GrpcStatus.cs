using System.Diagnostics;
using System.Globalization;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;
using Rnn.Api.Errors;
using Rnn.Engine;

namespace Rnn.Api.OpenInference.Grpc;

/// <summary>What a call that is refused ends with.</summary>
static class GrpcStatus
{
    const string Name = "grpc-status";

    // gRFC A6: in how many milliseconds a client may send the call again by itself; below 0 it may not.
    const string PushBack = "grpc-retry-pushback-ms";

    const int RetryAfter = 1_000;

    /// <summary>The status of every kind of error: the one place that decides it.</summary>
    public static StatusCode CodeOf(ErrorKind kind) => kind switch
    {
        ErrorKind.InvalidInput or ErrorKind.StateRefused or ErrorKind.KeyReused => StatusCode.InvalidArgument,
        ErrorKind.SessionNotFound => StatusCode.InvalidArgument,           // a sequence that was not started: Triton's clients know it by this
        ErrorKind.NotSupported => StatusCode.Unimplemented,
        ErrorKind.ModelNotFound => StatusCode.NotFound,
        ErrorKind.SessionExists => StatusCode.AlreadyExists,
        ErrorKind.SessionEnded or ErrorKind.ModelChanged or ErrorKind.ModelUnloaded or ErrorKind.StepMismatch or ErrorKind.StepNotKept
            or ErrorKind.AnswerNotKept or ErrorKind.BadModel => StatusCode.FailedPrecondition,
        ErrorKind.ModelsFixed => StatusCode.PermissionDenied,
        ErrorKind.CallInProgress => StatusCode.Aborted,
        ErrorKind.Overloaded or ErrorKind.SessionMoved or ErrorKind.StoreUnavailable => StatusCode.Unavailable,
        ErrorKind.SessionsFull or ErrorKind.OwnerFull or ErrorKind.StoreFull => StatusCode.ResourceExhausted,
        _ => throw new UnreachableException($"No gRPC status for {kind}. This is a bug."),
    };

    /// <summary>What a call was answered; null if it was no call of gRPC.</summary>
    public static StatusCode? Of(HttpResponse response)
    {
        var trailers = response.HttpContext.Features.Get<IHttpResponseTrailersFeature>()?.Trailers;
        var status = trailers is not null && trailers.TryGetValue(Name, out var atTheEnd) ? atTheEnd : response.Headers[Name];
        return int.TryParse(status, CultureInfo.InvariantCulture, out var code) ? (StatusCode)code : null;
    }

    /// <summary>
    /// The refusal with what keeps a client, whose policy is to repeat what was unavailable, from applying a step twice.
    /// </summary>
    /// <param name="exception">What the call is refused for.</param>
    /// <param name="isSafeTwice">Whether the call itself says how it is applied once only.</param>
    public static RpcException Refusal(EngineException exception, bool isSafeTwice)
    {
        var delay = Problem.IsWorthRetrying(exception, isSafeTwice) ? RetryAfter : -1;
        return new(new Status(CodeOf(exception.Kind), exception.Message), new Metadata { { PushBack, delay.ToString(CultureInfo.InvariantCulture) } });
    }
}
