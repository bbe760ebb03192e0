using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Rnn.Api.Tests.OpenInference.Grpc.Stock;
using static Rnn.Api.Tests.OpenInference.Grpc.Infer;

namespace Rnn.Api.Tests.OpenInference.Grpc;

/// <summary>Sequences and streams as a stock client runs them.</summary>
public sealed class GrpcSequenceTests : IClassFixture<RnnApplication>, IDisposable
{
    readonly GrpcChannel _channel;
    readonly GRPCInferenceService.GRPCInferenceServiceClient _client;

    public GrpcSequenceTests(RnnApplication application)
    {
        _channel = application.OpenChannel();
        _client = new(_channel);
    }

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    public static TheoryData<object> Ids => new() { "e333c95a-07fc-42d2-ab16-033b1a566ed5", 12_345_678_901L };

    public void Dispose() => _channel.Dispose();

    [Theory]
    [MemberData(nameof(Ids), DisableDiscoveryEnumeration = true)]
    public async Task A_sequence_carries_its_state_from_call_to_call_and_ends(object id)
    {
        var whole = (await InferAsync(Monitor(70, 71, 69))).Floats("output");

        var first = await InferAsync(Monitor(70).With("sequence_id", id).With("sequence_start", true));
        var second = await InferAsync(Monitor(71).With("sequence_id", id));
        var last = await InferAsync(Monitor(69).With("sequence_id", id).With("sequence_end", true));

        Assert.Equal(whole, first.Floats("output").Concat(second.Floats("output")).Concat(last.Floats("output")));
        Assert.Equal([1, 2, 3], new[] { first, second, last }.Select(response => response.Parameters["step"].Int64Param));
        var ended = await RefusedAsync(StatusCode.FailedPrecondition, Monitor(70).With("sequence_id", id));
        Assert.Contains("must specify the START flag", ended, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_text_and_a_number_are_two_sequences_and_a_start_begins_anew()
    {
        await InferAsync(Monitor(70).With("sequence_id", "42").With("sequence_start", true));
        await InferAsync(Monitor(71).With("sequence_id", "42"));

        var number = await InferAsync(Monitor(70).With("sequence_id", 42L).With("sequence_start", true));
        var again = await InferAsync(Monitor(70).With("sequence_id", "42").With("sequence_start", true));

        Assert.Equal((1, 1), (number.Parameters["step"].Int64Param, again.Parameters["step"].Int64Param));
    }

    [Fact]
    public async Task A_sequence_that_can_not_be_is_refused()
    {
        Assert.Contains("must specify the START flag", await RefusedAsync(StatusCode.InvalidArgument, Monitor(70).With("sequence_id", "never")), StringComparison.Ordinal);
        Assert.Contains("non-zero or non-empty", await RefusedAsync(StatusCode.InvalidArgument, Monitor(70).With("sequence_id", 0L)), StringComparison.Ordinal);
        Assert.Contains("expected int64_param or string_param", await RefusedAsync(StatusCode.InvalidArgument, Monitor(70).With("sequence_id", 42ul)), StringComparison.Ordinal);
        Assert.Contains("sequence_start", await RefusedAsync(StatusCode.InvalidArgument, Monitor(70).With("sequence_id", "s").With("sequence_start", 1L)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_with_a_key_is_applied_once_and_one_that_expects_another_step_is_not()
    {
        await InferAsync(Monitor(70).With("sequence_id", "once").With("sequence_start", true));

        var first = await InferAsync(Monitor(71).With("sequence_id", "once").With("idempotency_key", "k1"));
        var second = await InferAsync(Monitor(71).With("sequence_id", "once").With("idempotency_key", "k1"));

        Assert.True(second.Parameters["replayed"].BoolParam);
        second.Parameters.Remove("replayed");
        Assert.Equal(first, second);
        Assert.Equal(2, first.Parameters["step"].Int64Param);
        await RefusedAsync(StatusCode.InvalidArgument, Monitor(72).With("sequence_id", "once").With("idempotency_key", "k1"));
        await RefusedAsync(StatusCode.FailedPrecondition, Monitor(71).With("sequence_id", "once").With("expected_step", 1L));
        Assert.Equal(3, (await InferAsync(Monitor(71).With("sequence_id", "once").With("expected_step", first.Parameters["tag"].StringParam))).Parameters["step"].Int64Param);
    }

    [Fact]
    public async Task A_stream_answers_in_order_and_stays_open_after_an_error()
    {
        using var call = _client.ModelStreamInfer(cancellationToken: Aborted);
        ModelInferRequest[] requests =
        [
            Monitor(70).With("sequence_id", "streamed").With("sequence_start", true),
            Monitor(71).With("sequence_id", "another"),
            Monitor(71).With("sequence_id", "streamed"),
        ];
        foreach (var (index, request) in requests.Index())
        {
            request.Id = $"{index}";
            await call.RequestStream.WriteAsync(request, Aborted);
        }

        await call.RequestStream.CompleteAsync();
        var responses = await call.ResponseStream.ReadAllAsync(Aborted).ToListAsync(Aborted);

        Assert.Equal(["0", "1", "2"], responses.Select(response => response.InferResponse.Id));
        Assert.Equal(("", ""), (responses[0].ErrorMessage, responses[2].ErrorMessage));
        Assert.Contains("must specify the START flag", responses[1].ErrorMessage, StringComparison.Ordinal);
        Assert.Empty(responses[1].InferResponse.Outputs);
        Assert.Equal((await InferAsync(Monitor(70, 71))).Floats("output"), responses[0].InferResponse.Floats("output").Concat(responses[2].InferResponse.Floats("output")));
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task A_stream_that_asks_for_it_is_closed_by_an_error_with_its_status()
    {
        using var call = _client.ModelStreamInfer(new Metadata { { "triton_grpc_error", "true" } }, cancellationToken: Aborted);

        await call.RequestStream.WriteAsync(Monitor(70), Aborted);
        Assert.True(await call.ResponseStream.MoveNext(Aborted));
        await call.RequestStream.WriteAsync(new ModelInferRequest { ModelName = "nobody" }, Aborted);
        var closed = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(Aborted));

        Assert.Equal(StatusCode.NotFound, closed.StatusCode);
        Assert.Contains("'nobody'", closed.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_stops_ends_its_streams()
    {
        using var stopping = new RnnApplication();
        using var channel = stopping.OpenChannel();
        using var call = new GRPCInferenceService.GRPCInferenceServiceClient(channel).ModelStreamInfer(cancellationToken: Aborted);
        await call.RequestStream.WriteAsync(Monitor(70), Aborted);
        Assert.True(await call.ResponseStream.MoveNext(Aborted));

        stopping.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        var ended = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(Aborted));

        Assert.Equal((StatusCode.Unavailable, "The server is stopping."), (ended.StatusCode, ended.Status.Detail));
    }

    async Task<ModelInferResponse> InferAsync(ModelInferRequest request) => await _client.ModelInferAsync(request, cancellationToken: Aborted);

    async Task<string> RefusedAsync(StatusCode status, ModelInferRequest request)
    {
        var refused = await Assert.ThrowsAsync<RpcException>(() => InferAsync(request));
        Assert.Equal(status, refused.StatusCode);
        return refused.Status.Detail;
    }
}
