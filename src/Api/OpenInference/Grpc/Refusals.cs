using Grpc.Core;
using Grpc.Core.Interceptors;
using Rnn.Engine;

namespace Rnn.Api.OpenInference.Grpc;

/// <summary>Ends every call that can't be carried out with the status that says why.</summary>
sealed class Refusals : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            return await continuation(request, context);
        }
        catch (EngineException exception)
        {
            throw GrpcStatus.Refusal(exception, InferMessages.IsSafeTwice(request));
        }
        catch (OperationCanceledException) when (context.CancellationToken.IsCancellationRequested)
        {
            throw Left(context);
        }
    }

    /// <summary>What a stream's requests are refused for, the stream itself tells.</summary>
    public override async Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(requestStream, responseStream, context);
        }
        catch (OperationCanceledException) when (context.CancellationToken.IsCancellationRequested)
        {
            throw Left(context);
        }
    }

    // Mostly nobody reads it any more, but the log does: it is no fault.
    static RpcException Left(ServerCallContext context) => new(new Status(
        DateTime.UtcNow < context.Deadline ? StatusCode.Cancelled : StatusCode.DeadlineExceeded, "The client waits no longer."));
}
