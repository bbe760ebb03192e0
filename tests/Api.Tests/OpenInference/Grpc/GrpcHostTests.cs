using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Grpc.Reflection.V1Alpha;
using Rnn.Api.OpenInference.Grpc;
using Rnn.Api.Tests.Faults;
using Rnn.Api.Tests.OpenInference.Grpc.Stock;
using Rnn.Api.Tests.Storage;
using Rnn.Engine;

namespace Rnn.Api.Tests.OpenInference.Grpc;

/// <summary>What stands around the protocol: the port, health, reflection, and what is taken from the network.</summary>
public sealed class GrpcHostTests(RnnApplication application) : IClassFixture<RnnApplication>
{
    const string Service = "inference.GRPCInferenceService";

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_port_of_gRPC_stands_beside_that_of_REST_on_the_same_host()
    {
        var port = Loopback.FreePort();
        await using var server = await ServerProcess.StartNewAsync(ModelsPath, $"Server:GrpcPort={port}", "Server:MaxBodyBytes=2048");
        using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{port}");
        var client = new GRPCInferenceService.GRPCInferenceServiceClient(channel);
        var request = Infer.Monitor(70, 71);
        request.Id = new string('i', 1_900);
        request.Id += new string('i', 2_048 - request.CalculateSize());      // the largest message; with its prefix, more than the largest body

        var reply = await client.ModelInferAsync(request, cancellationToken: Aborted);
        using var rest = new HttpClient();
        using var live = await rest.GetAsync(new Uri(server.Address, "/health/live"), Aborted);

        Assert.Equal([1, 2, 1], reply.ShapeOf("output"));
        Assert.Equal((HttpStatusCode.OK, HttpVersion.Version11), (live.StatusCode, live.Version));
        Assert.Equal(0, await server.StopAsync());
    }

    [Theory]
    [InlineData("address already in use")]
    [InlineData("needs a port of its own", "--urls=http://127.0.0.1:{0}")]
    [InlineData("\"Protocols\": \"Http2\"", "--Kestrel:Endpoints:Rest:Url=http://127.0.0.1:0")]
    [InlineData("The field GrpcPort must be between", "--Server:GrpcPort=70000")]
    public async Task A_port_that_gRPC_can_not_have_stops_the_start_and_is_told(string told, string argument = "")
    {
        using var taken = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        var arguments = new[] { "--urls=http://127.0.0.1:0", $"--Server:GrpcPort={port}", string.Format(null, argument, port) };
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Rnn.Api.dll"), .. arguments.Where(part => part.Length > 0)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;

        var (output, error) = (process.StandardOutput.ReadToEndAsync(Aborted), process.StandardError.ReadToEndAsync(Aborted));
        await process.WaitForExitAsync(Aborted);

        Assert.Equal(1, process.ExitCode);
        await output;
        Assert.StartsWith("Stopped: ", (await error).Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1], StringComparison.Ordinal);
        Assert.Contains(told, await error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_is_told_by_gRPCs_own_service_too()
    {
        using var channel = application.OpenChannel();
        var health = new Health.HealthClient(channel);

        foreach (var service in new[] { "", Service })
        {
            var reply = await health.CheckAsync(new HealthCheckRequest { Service = service }, cancellationToken: Aborted);
            Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, reply.Status);
        }

        using var watch = health.Watch(new HealthCheckRequest(), cancellationToken: Aborted);
        Assert.True(await watch.ResponseStream.MoveNext(Aborted));
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, watch.ResponseStream.Current.Status);
        var unknown = await Assert.ThrowsAsync<RpcException>(async () => await health.CheckAsync(new HealthCheckRequest { Service = "other" }, cancellationToken: Aborted));
        Assert.Equal(StatusCode.NotFound, unknown.StatusCode);
    }

    [Fact]
    public async Task Reflection_lists_the_services_and_describes_their_messages()
    {
        using var channel = application.OpenChannel();
        using var call = new ServerReflection.ServerReflectionClient(channel).ServerReflectionInfo(cancellationToken: Aborted);

        await call.RequestStream.WriteAsync(new ServerReflectionRequest { ListServices = "" }, Aborted);
        Assert.True(await call.ResponseStream.MoveNext(Aborted));
        var services = call.ResponseStream.Current.ListServicesResponse.Service.Select(service => service.Name).ToList();
        await call.RequestStream.WriteAsync(new ServerReflectionRequest { FileContainingSymbol = Service }, Aborted);
        Assert.True(await call.ResponseStream.MoveNext(Aborted));
        var files = FileDescriptor.BuildFromByteStrings(call.ResponseStream.Current.FileDescriptorResponse.FileDescriptorProto);
        await call.RequestStream.CompleteAsync();

        Assert.Contains(Service, services);
        Assert.Contains("grpc.health.v1.Health", services);
        var described = files[^1].Services.Single();
        Assert.Equal(Service, described.FullName);
        Assert.Equal(
            ["ModelConfig", "ModelInfer", "ModelMetadata", "ModelReady", "ModelStatistics", "ModelStreamInfer", "RepositoryIndex", "RepositoryModelLoad", "RepositoryModelUnload", "ServerLive", "ServerMetadata", "ServerReady"],
            described.Methods.Select(method => method.Name).Order());
    }

    [Fact]
    public void Every_message_has_the_fields_that_stock_clients_were_generated_from()
    {
        var published = StockClientReflection.Descriptor.MessageTypes.SelectMany(WithNested).ToDictionary(message => message.FullName);

        foreach (var message in Rnn.Api.OpenInference.Grpc.Wire.OpenInferenceReflection.Descriptor.MessageTypes.SelectMany(WithNested))
        {
            Assert.All(message.Fields.InDeclarationOrder(), field => Assert.Equal(Form(published[message.FullName].FindFieldByNumber(field.FieldNumber)), Form(field)));
        }
    }

    [Fact]
    public void Every_kind_of_error_has_a_status() =>
        Assert.All(Enum.GetValues<ErrorKind>(), kind => Assert.NotEqual(StatusCode.OK, GrpcStatus.CodeOf(kind)));

    [Theory]
    [InlineData(StatusCode.InvalidArgument, "identity", new byte[] { 0, 0, 0, 0, 2, 255, 255 })]
    [InlineData(StatusCode.InvalidArgument, "gzip", new byte[] { 1, 0, 0, 0, 2, 255, 255 })]
    [InlineData(StatusCode.Unimplemented, "snappy", new byte[] { 1, 0, 0, 0, 2, 255, 255 })]
    [InlineData(StatusCode.Internal, "identity", new byte[] { 0, 0, 0, 0, 9, 255, 255 })]
    [InlineData(StatusCode.ResourceExhausted, "identity", new byte[] { 0, 127, 255, 255, 255 })]
    public async Task Bytes_that_are_no_message_are_refused_as_such(StatusCode status, string encoding, byte[] body) =>
        Assert.Equal(status, await SendBytesAsync("ModelInfer", encoding, body));

    [Theory]
    [InlineData("LogSettings")]
    [InlineData("NoSuchMethod")]
    public async Task What_is_not_served_is_unimplemented(string method)
    {
        using var channel = application.OpenChannel();
        var bytes = Marshallers.Create((byte[] message) => message, message => message);
        var call = new Method<byte[], byte[]>(MethodType.Unary, Service, method, bytes, bytes);

        var refusal = await Assert.ThrowsAsync<RpcException>(async () =>
            await channel.CreateCallInvoker().AsyncUnaryCall(call, host: null, new CallOptions(cancellationToken: Aborted), []));

        Assert.Equal(StatusCode.Unimplemented, refusal.StatusCode);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task A_message_that_grows_beyond_the_limit_is_refused_before_it_has(string encoding)
    {
        var compressed = new MemoryStream();
        using (Stream stream = encoding == "gzip" ? new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true) : new ZLibStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            stream.Write(new byte[100 << 20]);
        }

        var status = await SendBytesAsync("ModelInfer", encoding, [1, .. BitConverter.GetBytes((int)compressed.Length).Reverse(), .. compressed.ToArray()]);

        Assert.Equal(StatusCode.ResourceExhausted, status);
    }

    [Fact]
    public async Task Without_HTTP_2_a_call_is_told_what_it_needs()
    {
        using var client = application.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/{Service}/ServerLive") { Content = Body([0, 0, 0, 0, 0]) };
        using var reply = await client.SendAsync(request, Aborted);

        Assert.Equal((HttpStatusCode.UpgradeRequired, "HTTP/2"), (reply.StatusCode, reply.Headers.Upgrade.Single().ToString()));
        Assert.Contains("HTTP/1.1", Assert.Single(reply.Headers.GetValues("grpc-message")), StringComparison.Ordinal);
        Assert.Empty(await reply.Content.ReadAsByteArrayAsync(Aborted));
    }

    static string ModelsPath => Path.Combine(AppContext.BaseDirectory, "models");

    async Task<StatusCode> SendBytesAsync(string method, string encoding, byte[] body)
    {
        using var client = application.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/{Service}/{method}")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = Body(body),
        };
        request.Headers.Add("grpc-encoding", encoding);
        using var reply = await client.SendAsync(request, Aborted);
        await reply.Content.LoadIntoBufferAsync(Aborted);
        var status = reply.TrailingHeaders.TryGetValues("grpc-status", out var trailer) ? trailer : reply.Headers.GetValues("grpc-status");
        return (StatusCode)int.Parse(status.Single(), System.Globalization.CultureInfo.InvariantCulture);
    }

    static ByteArrayContent Body(byte[] bytes) => new(bytes) { Headers = { ContentType = new("application/grpc") } };

    static IEnumerable<MessageDescriptor> WithNested(MessageDescriptor message) =>
        message.NestedTypes.Where(nested => nested.GetOptions() is not { MapEntry: true }).SelectMany(WithNested).Prepend(message);

    static string Form(FieldDescriptor field) =>
        $"{field.FullName} = {field.FieldNumber}: {field.FieldType} {(field.IsRepeated ? "repeated" : "")} {(field.FieldType is FieldType.Message or FieldType.Enum ? field.ToProto().TypeName : "")} {field.ContainingOneof?.Name}";
}
