using Grpc.Core;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Rnn.Api.Observability;
using Rnn.Api.OpenInference.Grpc.Wire;
using Rnn.Api.Security;
using Rnn.Engine;
using Rnn.Engine.Models;
using Serilog;

namespace Rnn.Api.OpenInference.Grpc;

/// <summary>The calls of the Open Inference Protocol and of Triton's extensions that are served: messages in, messages out.</summary>
[BindServiceMethod(typeof(InferenceBinding), nameof(InferenceBinding.BindService))]
sealed class InferenceService(
    InferenceEngine engine, TensorInference inference, InferenceStatistics statistics, SessionOptions sessions, HealthCheckService health,
    IHostApplicationLifetime lifetime, IDiagnosticContext log) : GRPCInferenceService.GRPCInferenceServiceBase
{
    // A client that sends it as "true" wants the stream closed with the status of the first error.
    const string ClosesOnError = "triton_grpc_error";

    static readonly string[] Extensions =
        ["classification", "sequence", "sequence(string_id)", "model_repository", "model_configuration", "parameters", "statistics"];

    [AllowAnonymous]
    public override Task<ServerLiveResponse> ServerLive(ServerLiveRequest request, ServerCallContext context) =>
        Task.FromResult(new ServerLiveResponse { Live = true });

    [AllowAnonymous]
    public override async Task<ServerReadyResponse> ServerReady(ServerReadyRequest request, ServerCallContext context) =>
        new() { Ready = (await health.CheckHealthAsync(Health.IsForReadiness, context.CancellationToken)).Status == HealthStatus.Healthy };

    public override Task<ModelReadyResponse> ModelReady(ModelReadyRequest request, ServerCallContext context) =>
        Task.FromResult(new ModelReadyResponse { Ready = IsServed(request.Name, request.Version) });

    public override Task<ServerMetadataResponse> ServerMetadata(ServerMetadataRequest request, ServerCallContext context) =>
        Task.FromResult(new ServerMetadataResponse { Name = ModelTensors.Platform, Version = OpenInferenceApi.Version, Extensions = { Extensions } });

    public override Task<ModelMetadataResponse> ModelMetadata(ModelMetadataRequest request, ServerCallContext context) =>
        Task.FromResult(Get(request.Name, request.Version).ToMetadata(VersionsOf(request.Name, request.Version)));

    public override Task<ModelConfigResponse> ModelConfig(ModelConfigRequest request, ServerCallContext context) =>
        Task.FromResult(new ModelConfigResponse { Config = Get(request.Name, request.Version).ToConfig(sessions.TimeToLive) });

    public override Task<ModelStatisticsResponse> ModelStatistics(ModelStatisticsRequest request, ServerCallContext context)
    {
        var models = request.Name.Length == 0 ? engine.Models.All.Select(model => new ModelTensors(model)) : VersionsOf(request.Name, request.Version);
        return Task.FromResult(new ModelStatisticsResponse { ModelStats = { models.Select(model => model.ToStatistics(statistics.Of(model.Model))) } });
    }

    public override Task<RepositoryIndexResponse> RepositoryIndex(RepositoryIndexRequest request, ServerCallContext context)
    {
        ExpectNoName(request.RepositoryName);
        var models = engine.Models.Index.Where(model => model.State == ModelState.Ready || !request.Ready).Select(IndexEntry.From);
        return Task.FromResult(new RepositoryIndexResponse { Models = { models.Select(ModelMessages.ToMessage) } });
    }

    [Authorize(Scopes.Manage), Audited("model.load")]
    public override async Task<RepositoryModelLoadResponse> RepositoryModelLoad(RepositoryModelLoadRequest request, ServerCallContext context)
    {
        Audit.Names(context.GetHttpContext(), request.ModelName);
        ExpectNoName(request.RepositoryName);
        await engine.Models.LoadAsync(request.ModelName, null, context.CancellationToken);
        return new();
    }

    [Authorize(Scopes.Manage), Audited("model.unload")]
    public override async Task<RepositoryModelUnloadResponse> RepositoryModelUnload(RepositoryModelUnloadRequest request, ServerCallContext context)
    {
        Audit.Names(context.GetHttpContext(), request.ModelName);
        ExpectNoName(request.RepositoryName);
        await engine.Models.UnloadAsync(request.ModelName, null, context.CancellationToken);
        return new();
    }

    public override Task<ModelInferResponse> ModelInfer(ModelInferRequest request, ServerCallContext context) =>
        InferAsync(request, context.CancellationToken);

    /// <summary>One after another, in their order, so that those of one sequence need not wait for each other's responses.</summary>
    [DisableRequestTimeout]
    public override async Task ModelStreamInfer(
        IAsyncStreamReader<ModelInferRequest> requestStream, IServerStreamWriter<ModelStreamInferResponse> responseStream, ServerCallContext context)
    {
        var closesOnError = context.RequestHeaders.GetValue(ClosesOnError) == "true";
        while (await NextAsync(requestStream, context.CancellationToken))
        {
            var request = requestStream.Current;
            ModelStreamInferResponse response;
            try
            {
                response = new() { InferResponse = await InferAsync(request, context.CancellationToken) };
            }
            catch (EngineException exception) when (closesOnError)
            {
                throw GrpcStatus.Refusal(exception, InferMessages.IsSafeTwice(request));
            }
            catch (EngineException exception)
            {
                response = new() { ErrorMessage = exception.Message, InferResponse = new() { Id = request.Id } };
            }

            await responseStream.WriteAsync(response, context.CancellationToken);
        }
    }

    async Task<ModelInferResponse> InferAsync(ModelInferRequest request, CancellationToken aborted)
    {
        log.Set("Model", request.ModelName);
        return (await inference.InferAsync(request.ToCall(), aborted)).ToMessage();
    }

    /// <summary>Waits for the client, but not when the server is stopping: it would wait for the stream to end.</summary>
    async Task<bool> NextAsync(IAsyncStreamReader<ModelInferRequest> requests, CancellationToken aborted)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(aborted, lifetime.ApplicationStopping);
        try
        {
            return await requests.MoveNext(waiting.Token);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested && !aborted.IsCancellationRequested)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, "The server is stopping."));
        }
    }

    ModelTensors Get(string name, string version) => ModelTensors.Get(engine.Models, name, version);

    IEnumerable<ModelTensors> VersionsOf(string name, string version)
    {
        var one = Get(name, version);
        return version.Length > 0 ? [one] : engine.Models.All.Where(model => model.Name == one.Model.Name).Reverse().Select(model => new ModelTensors(model));
    }

    bool IsServed(string name, string version)
    {
        try
        {
            return Get(name, version) is not null;
        }
        catch (EngineException exception) when (exception.Kind == ErrorKind.ModelNotFound)
        {
            return false;                                  // what is not there is not ready
        }
    }

    static void ExpectNoName(string repository)
    {
        if (repository.Length > 0)
        {
            throw new EngineException(ErrorKind.NotSupported, "There is one repository, which has no name; leave out repository_name.");
        }
    }
}
