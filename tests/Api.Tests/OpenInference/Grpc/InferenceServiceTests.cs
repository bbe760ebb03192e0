using System.Net;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Rnn.Api.OpenInference.Grpc;
using Rnn.Api.Tests.Faults;
using Rnn.Api.Tests.OpenInference.Grpc.Stock;
using Rnn.Engine;
using Rnn.Engine.Sessions;
using static Rnn.Api.Tests.OpenInference.Grpc.Infer;

namespace Rnn.Api.Tests.OpenInference.Grpc;

/// <summary>Calls as a stock client makes them.</summary>
public sealed class InferenceServiceTests : IClassFixture<RnnApplication>, IDisposable
{
    static readonly float[] Values = [70, 71, 69];

    readonly RnnApplication _application;
    readonly GrpcChannel _channel;
    readonly GRPCInferenceService.GRPCInferenceServiceClient _client;

    public InferenceServiceTests(RnnApplication application)
    {
        _application = application;
        _channel = application.OpenChannel();
        _client = new(_channel);
    }

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    public static TheoryData<string, ByteString, InferTensorContents?> Forms => new()
    {
        { "FP32", Raw<float>(70, 71, 69), new() { Fp32Contents = { 70, 71, 69 } } },
        { "FP64", Raw<double>(70, 71, 69), new() { Fp64Contents = { 70, 71, 69 } } },
        { "FP16", Raw((Half)70, (Half)71, (Half)69), null },
        { "BF16", Raw<ushort>(0x428c, 0x428e, 0x428a), null },
        { "INT8", Raw<sbyte>(70, 71, 69), new() { IntContents = { 70, 71, 69 } } },
        { "INT16", Raw<short>(70, 71, 69), new() { IntContents = { 70, 71, 69 } } },
        { "INT32", Raw(70, 71, 69), new() { IntContents = { 70, 71, 69 } } },
        { "INT64", Raw<long>(70, 71, 69), new() { Int64Contents = { 70, 71, 69 } } },
        { "UINT8", Raw<byte>(70, 71, 69), new() { UintContents = { 70, 71, 69 } } },
        { "UINT16", Raw<ushort>(70, 71, 69), new() { UintContents = { 70, 71, 69 } } },
        { "UINT32", Raw<uint>(70, 71, 69), new() { UintContents = { 70, 71, 69 } } },
        { "UINT64", Raw<ulong>(70, 71, 69), new() { Uint64Contents = { 70, 71, 69 } } },
    };

    public void Dispose() => _channel.Dispose();

    [Fact]
    public async Task The_server_tells_that_it_lives_and_is_ready_and_what_it_is()
    {
        Assert.True((await _client.ServerLiveAsync(new(), cancellationToken: Aborted)).Live);
        Assert.True((await _client.ServerReadyAsync(new(), cancellationToken: Aborted)).Ready);
        var server = await _client.ServerMetadataAsync(new(), cancellationToken: Aborted);
        Assert.Equal(("rnn", "0.1.0"), (server.Name, server.Version));
        Assert.Contains("sequence(string_id)", server.Extensions);
    }

    [Theory]
    [InlineData("monitor", "", true)]
    [InlineData("monitor", "1", true)]
    [InlineData("monitor", "2", false)]
    [InlineData("monitor", "one", false)]
    [InlineData("nobody", "", false)]
    public async Task A_model_is_ready_if_it_is_served(string name, string version, bool isReady) =>
        Assert.Equal(isReady, (await _client.ModelReadyAsync(new() { Name = name, Version = version }, cancellationToken: Aborted)).Ready);

    [Fact]
    public async Task A_model_tells_its_tensors_and_its_configuration()
    {
        var metadata = await _client.ModelMetadataAsync(new() { Name = "monitor" }, cancellationToken: Aborted);
        var config = (await _client.ModelConfigAsync(new() { Name = "monitor", Version = "1" }, cancellationToken: Aborted)).Config;

        Assert.Equal(("monitor", "rnn", "1"), (metadata.Name, metadata.Platform, Assert.Single(metadata.Versions)));
        var input = Assert.Single(metadata.Inputs);
        Assert.Equal(("input", "FP32", "-1,-1,1"), (input.Name, input.Datatype, string.Join(',', input.Shape)));
        Assert.Equal(["output", "lower", "upper"], metadata.Outputs.Select(output => output.Name));
        Assert.Equal("safetensors", metadata.Properties["format"]);
        Assert.Equal(("monitor", "rnn", "rnn", 0), (config.Name, config.Platform, config.Backend, config.MaxBatchSize));
        Assert.Equal(("input", DataType.TypeFp32, "-1,-1,1"), (config.Input[0].Name, config.Input[0].DataType, string.Join(',', config.Input[0].Dims)));
        Assert.Equal(metadata.Outputs.Select(output => output.Shape), config.Output.Select(output => output.Dims));
        Assert.Equal(1_800_000_000ul, config.SequenceBatching.MaxSequenceIdleMicroseconds);
    }

    [Fact]
    public async Task A_model_that_keeps_no_state_has_no_sequences_and_texts_are_strings()
    {
        var config = (await _client.ModelConfigAsync(new() { Name = "tags" }, cancellationToken: Aborted)).Config;

        Assert.Null(config.SequenceBatching);
        Assert.Equal(DataType.TypeString, config.Input[0].DataType);
    }

    [Fact]
    public async Task The_repository_lists_what_is_served_and_stays_as_it_is_unless_calls_may_change_it()
    {
        var index = await _client.RepositoryIndexAsync(new() { Ready = true }, cancellationToken: Aborted);

        Assert.Equal(_application.Engine.Models.All.Select(model => (model.Name, $"{model.Version}", "READY")), index.Models.Select(model => (model.Name, model.Version, model.State)));
        await RefusedAsync(StatusCode.Unimplemented, "repository_name", _client.RepositoryIndexAsync(new() { RepositoryName = "other" }, cancellationToken: Aborted).ResponseAsync);
        await RefusedAsync(StatusCode.PermissionDenied, "Models:Control", _client.RepositoryModelLoadAsync(new() { ModelName = "monitor" }, cancellationToken: Aborted).ResponseAsync);
        await RefusedAsync(StatusCode.PermissionDenied, "Models:Control", _client.RepositoryModelUnloadAsync(new() { ModelName = "monitor" }, cancellationToken: Aborted).ResponseAsync);
    }

    [Fact]
    public async Task A_model_is_unloaded_and_loaded_by_calls_where_they_may()
    {
        using var changing = new RnnApplication { Settings = { ["Models:Control"] = "Explicit" } };
        using var channel = changing.OpenChannel();
        var client = new GRPCInferenceService.GRPCInferenceServiceClient(channel);

        await client.RepositoryModelUnloadAsync(new() { ModelName = "monitor" }, cancellationToken: Aborted);
        var unloaded = (await client.RepositoryIndexAsync(new(), cancellationToken: Aborted)).Models.Single(model => model.Name == "monitor");
        var ready = (await client.RepositoryIndexAsync(new() { Ready = true }, cancellationToken: Aborted)).Models;
        await RefusedAsync(StatusCode.NotFound, "'monitor'", client.ModelInferAsync(Monitor(Values), cancellationToken: Aborted).ResponseAsync);
        await client.RepositoryModelLoadAsync(new() { ModelName = "monitor" }, cancellationToken: Aborted);
        var again = await client.ModelInferAsync(Monitor(Values), cancellationToken: Aborted);

        Assert.Equal(("UNAVAILABLE", "unloaded"), (unloaded.State, unloaded.Reason));
        Assert.DoesNotContain("monitor", ready.Select(model => model.Name));
        Assert.Equal([1, 3, 1], again.ShapeOf("output"));
        await RefusedAsync(StatusCode.NotFound, "'nobody'", client.RepositoryModelLoadAsync(new() { ModelName = "nobody" }, cancellationToken: Aborted).ResponseAsync);
    }

    [Fact]
    public async Task Statistics_count_what_succeeded_and_what_failed()
    {
        using var fresh = new RnnApplication();
        using var channel = fresh.OpenChannel();
        var client = new GRPCInferenceService.GRPCInferenceServiceClient(channel);

        await client.ModelInferAsync(Monitor(Values), cancellationToken: Aborted);
        await RefusedAsync(StatusCode.InvalidArgument, "'return'", client.ModelInferAsync(Monitor(Values).With("return", "none"), cancellationToken: Aborted).ResponseAsync);
        var of = Assert.Single((await client.ModelStatisticsAsync(new() { Name = "monitor" }, cancellationToken: Aborted)).ModelStats);
        var all = (await client.ModelStatisticsAsync(new(), cancellationToken: Aborted)).ModelStats;

        Assert.Equal(("monitor", "1", 1ul, 1ul, 1ul, 1ul), (of.Name, of.Version, of.InferenceCount, of.ExecutionCount, of.InferenceStats.Success.Count, of.InferenceStats.Fail.Count));
        Assert.Equal((ulong)fresh.Time.GetUtcNow().ToUnixTimeMilliseconds(), of.LastInference);
        Assert.Equal(fresh.Engine.Models.All.Count(), all.Count);
        Assert.All(all.Where(model => model.Name != "monitor"), model => Assert.Equal(0ul, model.InferenceCount + model.LastInference));
    }

    [Theory]
    [MemberData(nameof(Forms), DisableDiscoveryEnumeration = true)]
    public async Task Numbers_of_every_datatype_raw_or_typed_give_the_bits_of_the_native_protocol(string datatype, ByteString raw, InferTensorContents? typed)
    {
        var request = new ModelInferRequest { ModelName = "monitor", ModelVersion = "1", Id = "a1", Inputs = { Input("input", datatype, 1, 3, 1) } };
        var typedRequest = request.Clone();
        request.RawInputContents.Add(raw);
        typedRequest.Inputs[0].Contents = typed ?? new InferTensorContents { Fp32Contents = { Values } };

        var response = await _client.ModelInferAsync(request, cancellationToken: Aborted);
        using var rest = _application.CreateClient();
        var native = await RnnApplication.PostAsync(rest, "/api/v1/models/monitor/sequence", new { values = new[] { new[] { 70 }, [71], [69] }, @return = "all" });

        Assert.Equal(("monitor", "1", "a1"), (response.ModelName, response.ModelVersion, response.Id));
        Assert.Empty(response.Parameters);
        Assert.Equal([1, 3, 1], response.ShapeOf("output"));
        foreach (var (output, name) in new[] { ("output", "values"), ("lower", "lower"), ("upper", "upper") })
        {
            Assert.Equal(native["outputs"]!.AsArray().Select(timestep => BitConverter.SingleToUInt32Bits((float)timestep![name]![0]!)), response.Floats(output).Select(BitConverter.SingleToUInt32Bits));
        }

        if (typed is not null)
        {
            Assert.Equal(response, await _client.ModelInferAsync(typedRequest, cancellationToken: Aborted));
        }
        else
        {
            await RefusedAsync(StatusCode.InvalidArgument, "raw_input_contents", _client.ModelInferAsync(typedRequest, cancellationToken: Aborted).ResponseAsync);
        }
    }

    [Fact]
    public async Task Texts_raw_or_typed_are_a_batch_of_which_the_named_outputs_are_told()
    {
        var request = new ModelInferRequest { ModelName = "names", Inputs = { Input("text", "BYTES", 2) }, Outputs = { new ModelInferRequest.Types.InferRequestedOutputTensor { Name = "label" } } };
        var typed = request.Clone().With("return", "last");
        typed.Inputs[0].Contents = new() { BytesContents = { ByteString.CopyFromUtf8("Nakamura"), ByteString.CopyFromUtf8("O'Neill") } };
        var raw = request.Clone().With("return", "last");
        raw.RawInputContents.Add(RawTexts("Nakamura", "O'Neill"));

        var response = await _client.ModelInferAsync(raw, cancellationToken: Aborted);

        Assert.Equal(("label", "BYTES"), (Assert.Single(response.Outputs).Name, response.Outputs[0].Datatype));
        Assert.Equal(RawTexts("Japanese", "Irish"), Assert.Single(response.RawOutputContents));
        Assert.Equal(response, await _client.ModelInferAsync(typed, cancellationToken: Aborted));
    }

    [Fact]
    public async Task What_can_not_be_used_is_refused_with_what_was_found()
    {
        Dictionary<string, (StatusCode Status, Action<ModelInferRequest> Spoil)> faults = new()
        {
            ["Request for unknown model: 'nobody'"] = (StatusCode.NotFound, request => request.ModelName = "nobody"),
            ["version 7"] = (StatusCode.NotFound, request => request.ModelVersion = "7"),
            ["unexpected inference input 'other'"] = (StatusCode.InvalidArgument, request => request.Inputs[0].Name = "other"),
            ["'FP33', which is none"] = (StatusCode.InvalidArgument, request => request.Inputs[0].Datatype = "FP33"),
            ["a dimension must be 0 or more"] = (StatusCode.InvalidArgument, request => request.Inputs[0].Shape[1] = -1),
            ["more than one request can hold"] = (StatusCode.InvalidArgument, request => request.Inputs[0].Shape[1] = long.MaxValue),
            ["takes 16 bytes of FP32; there are 12"] = (StatusCode.InvalidArgument, request => request.Inputs[0].Shape[1] = 4),
            ["has 2 entries for 1 inputs"] = (StatusCode.InvalidArgument, request => request.RawInputContents.Add(ByteString.Empty)),
            ["has no data"] = (StatusCode.InvalidArgument, request => request.RawInputContents.Clear()),
            ["must not be specified when using raw_input_contents"] = (StatusCode.InvalidArgument, request => request.Inputs[0].Contents = new() { Fp32Contents = { Values } }),
            ["in the field of another datatype"] = (StatusCode.InvalidArgument, request => Typed(request, new() { Fp64Contents = { 70, 71, 69 } })),
            ["which does not hold its element 1, 128"] = (StatusCode.InvalidArgument, request =>
            {
                Typed(request, new() { IntContents = { 70, 128, 69 } });
                request.Inputs[0].Datatype = "INT8";
            }
            ),
            ["which takes 3 elements; there are 1"] = (StatusCode.InvalidArgument, request =>
            {
                Typed(request, new() { BytesContents = { ByteString.CopyFromUtf8("70") } });
                request.Inputs[0].Datatype = "BYTES";
            }
            ),
            ["unexpected inference output 'other'"] = (StatusCode.InvalidArgument, request => request.Outputs.Add(new ModelInferRequest.Types.InferRequestedOutputTensor { Name = "other" })),
            ["expected int64_param."] = (StatusCode.InvalidArgument, request => request.With("timeout", 1ul)),
            ["Unable to parse 'priority'"] = (StatusCode.InvalidArgument, request => request.With("priority", -1L)),
            ["expected a value"] = (StatusCode.InvalidArgument, request => request.Parameters["nothing"] = new()),
            ["is an encoder-decoder"] = (StatusCode.Unimplemented, request => request.ModelName = "dates"),
        };
        foreach (var (told, (status, spoil)) in faults)
        {
            var request = Monitor(Values);
            spoil(request);

            await RefusedAsync(status, told, _client.ModelInferAsync(request, cancellationToken: Aborted).ResponseAsync);
        }
    }

    [Fact]
    public async Task A_message_of_many_small_parts_is_refused_before_they_take_memory()
    {
        var request = new ModelInferRequest { ModelName = "monitor" };
        request.Inputs.AddRange(Enumerable.Range(0, 5_000).Select(_ => new ModelInferRequest.Types.InferInputTensor()));

        await RefusedAsync(StatusCode.InvalidArgument, "more than 4096", _client.ModelInferAsync(request, cancellationToken: Aborted).ResponseAsync);

        var parameters = Monitor(Values);
        foreach (var index in Enumerable.Range(0, 5_000))
        {
            parameters.Inputs[0].Parameters[$"{index}"] = new InferParameter { BoolParam = true };
        }

        await RefusedAsync(StatusCode.InvalidArgument, "more than 4096", _client.ModelInferAsync(parameters, cancellationToken: Aborted).ResponseAsync);
    }

    [Fact]
    public async Task A_message_may_be_as_large_as_a_body()
    {
        using var small = new RnnApplication { Settings = { ["Server:MaxBodyBytes"] = "2048" } };
        using var channel = small.OpenChannel();
        var client = new GRPCInferenceService.GRPCInferenceServiceClient(channel);
        var request = Monitor(Values);
        request.Id = new string('i', 1_900);
        request.Id += new string('i', 2_048 - request.CalculateSize());

        Assert.Equal(request.Id, (await client.ModelInferAsync(request, cancellationToken: Aborted)).Id);
        request.Id += "i";
        await RefusedAsync(StatusCode.ResourceExhausted, "exceeds the maximum", client.ModelInferAsync(request, cancellationToken: Aborted).ResponseAsync);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_call_whose_client_waits_no_longer_leaves_its_sequence_and_its_place(bool hasDeadline)
    {
        // Half a minute of work at least; had it been done, the session would be so many steps further.
        const int Timesteps = 1_000_000;
        using var patient = new RnnApplication { Settings = { ["Limits:MaxTimesteps"] = $"{Timesteps}" } };
        patient.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        patient.StartServer();
        using var rest = patient.CreateClient();
        using var channel = GrpcChannel.ForAddress(rest.BaseAddress!);       // a real connection, whose client knows by itself why it left
        var client = new GRPCInferenceService.GRPCInferenceServiceClient(channel);
        await client.ModelInferAsync(Tokens(1).With("sequence_start", true), cancellationToken: Aborted);
        var turns = patient.Services.GetRequiredService<Turns>();
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Aborted);
        var call = client.ModelInferAsync(Tokens(Timesteps), deadline: hasDeadline ? DateTime.UtcNow.AddSeconds(5) : null, cancellationToken: leaving.Token);
        await FaultRun.UntilAsync(() => turns.Count == 1, () => "The call does not begin.");

        if (!hasDeadline)
        {
            await leaving.CancelAsync();
        }

        var ended = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync);
        Assert.Equal(hasDeadline ? StatusCode.DeadlineExceeded : StatusCode.Cancelled, ended.StatusCode);
        await FaultRun.UntilAsync(() => turns.Count == 0, () => "The session is still held.");
        var next = await client.ModelInferAsync(Tokens(1), cancellationToken: Aborted);
        Assert.Equal(2, next.Parameters["step"].Int64Param);

        static ModelInferRequest Tokens(int count) => new ModelInferRequest
        {
            ModelName = "austen",
            Inputs = { Input("tokens", "UINT8", 1, count) },
            RawInputContents = { ByteString.CopyFrom(new byte[count]) },
        }.With("sequence_id", "long").With("return", "last");
    }

    [Fact]
    public void A_refusal_says_whether_the_call_may_be_sent_again()
    {
        Assert.Equal("1000", PushBack(new(ErrorKind.Overloaded, "busy"), isSafeTwice: false));
        Assert.Equal("-1", PushBack(new(ErrorKind.InvalidInput, "wrong"), isSafeTwice: true));
        Assert.Equal("-1", PushBack(new(ErrorKind.StoreUnavailable, "away") { IsUnsure = true }, isSafeTwice: false));
        Assert.Equal("1000", PushBack(new(ErrorKind.StoreUnavailable, "away") { IsUnsure = true }, isSafeTwice: true));

        static string? PushBack(EngineException exception, bool isSafeTwice) => GrpcStatus.Refusal(exception, isSafeTwice).Trailers.GetValue("grpc-retry-pushback-ms");
    }

    static void Typed(ModelInferRequest request, InferTensorContents contents)
    {
        request.RawInputContents.Clear();
        request.Inputs[0].Contents = contents;
    }

    static async Task RefusedAsync(StatusCode status, string told, Task call)
    {
        var refused = await Assert.ThrowsAsync<RpcException>(() => call);
        Assert.True(status == refused.StatusCode, $"{refused.Status}, not {status}: {told}");
        Assert.Contains(told, refused.Status.Detail, StringComparison.Ordinal);
    }
}
