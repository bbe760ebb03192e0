using System.IO.Compression;
using Grpc.AspNetCore.Server;
using Grpc.Net.Compression;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Rnn.Api.OpenInference.Grpc.Wire;
using Rnn.Api.Security;

namespace Rnn.Api.OpenInference.Grpc;

/// <summary>The Open Inference Protocol over gRPC, with what clients of gRPC expect beside it: health and reflection.</summary>
static class GrpcHost
{
    // A client whose machine has gone says nothing; without an answer to a ping its streams end.
    static readonly TimeSpan PingAfter = TimeSpan.FromMinutes(1);

    public static void AddOpenInferenceGrpc(this WebApplicationBuilder builder)
    {
        builder.Services.AddGrpc(grpc => grpc.Interceptors.Add<Refusals>());
        builder.Services.AddOptions<GrpcServiceOptions>().Configure<ServerOptions>((grpc, server) =>
        {
            grpc.IgnoreUnknownServices = true;             // its answer to them would take any path of two parts; a client reads 404 as UNIMPLEMENTED
            grpc.MaxReceiveMessageSize = (int)server.MaxBodyBytes;
            grpc.CompressionProviders =
            [
                new BoundedCompression(new GzipCompressionProvider(CompressionLevel.Fastest), server.MaxBodyBytes),
                new BoundedCompression(new DeflateCompressionProvider(CompressionLevel.Fastest), server.MaxBodyBytes),
            ];
        });
        builder.Services.AddSingleton<InferenceService>();
        builder.Services.AddGrpcHealthChecks(health => health.Services.Map(GRPCInferenceService.Descriptor.FullName, _ => true));
        builder.Services.AddGrpcReflection();

        builder.Services.AddOptions<KestrelServerOptions>().Configure<ServerOptions>((kestrel, server) =>
        {
            kestrel.Limits.Http2.KeepAlivePingDelay = PingAfter;
            kestrel.ConfigureEndpointDefaults(listen =>
            {
                if (listen.IPEndPoint?.Port == server.GrpcPort)
                {
                    listen.Protocols = HttpProtocols.Http2;
                }
            });
        });
    }

    public static void MapOpenInferenceGrpc(this IEndpointRouteBuilder routes)
    {
        // gRPC has its own limit, which counts a message alone and answers as gRPC does.
        routes.MapGrpcService<InferenceService>().WithMetadata(new DisableRequestSizeLimitAttribute()).Add(call =>
        {
            if (!call.Metadata.Any(item => item is IAuthorizeData or IAllowAnonymous))
            {
                call.Metadata.Add(new AuthorizeAttribute(Scopes.Predict));
            }
        });
        routes.MapGrpcHealthChecksService().AllowAnonymous().DisableRequestTimeout();
        routes.MapGrpcReflectionService().RequireScope(Scopes.Predict).DisableRequestTimeout();
    }
}
