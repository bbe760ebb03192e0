using Google.Protobuf;
using Grpc.Core;
using Rnn.Api.OpenInference.Grpc.Wire;

namespace Rnn.Api.OpenInference.Grpc;

/// <summary>
/// Binds the service as its generated code does, but has bytes that are no message refused as such. The generated code would let the
/// parser's exception through, which is answered and logged as a fault of the server.
/// </summary>
static class InferenceBinding
{
    /// <summary>Where reflection looks for the service's description.</summary>
    public static Google.Protobuf.Reflection.ServiceDescriptor Descriptor => GRPCInferenceService.Descriptor;

    /// <summary>Named by the service's attribute.</summary>
    public static void BindService(ServiceBinderBase binder, GRPCInferenceService.GRPCInferenceServiceBase? service) =>
        GRPCInferenceService.BindService(new Binder(binder), service);

    sealed class Binder(ServiceBinderBase inner) : ServiceBinderBase
    {
        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler) =>
            inner.AddMethod(Guarded(method), handler);

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler) =>
            inner.AddMethod(Guarded(method), handler);

        static Method<TRequest, TResponse> Guarded<TRequest, TResponse>(Method<TRequest, TResponse> method)
            where TRequest : class
            where TResponse : class
        {
            var requests = method.RequestMarshaller;
            return new(
                method.Type,
                method.ServiceName,
                method.Name,
                Marshallers.Create(requests.ContextualSerializer, context => Parse(requests.ContextualDeserializer, context)),
                method.ResponseMarshaller);
        }

        static T Parse<T>(Func<DeserializationContext, T> parse, DeserializationContext context)
        {
            if (typeof(T) == typeof(ModelInferRequest))
            {
                InferRequestSize.Check(context.PayloadAsReadOnlySequence());
            }

            try
            {
                return parse(context);
            }
            catch (InvalidProtocolBufferException exception)
            {
                throw new RpcException(new Status(StatusCode.InvalidArgument, $"The message is not a {typeof(T).Name}: {exception.Message}", exception));
            }
        }
    }
}
