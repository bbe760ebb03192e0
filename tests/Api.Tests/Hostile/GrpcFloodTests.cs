using System.Net;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Rnn.Api.Tests.Faults;
using Rnn.Api.Tests.OpenInference.Grpc.Stock;
using Rnn.Engine.Sessions;
using static Rnn.Api.Tests.OpenInference.Grpc.Infer;

namespace Rnn.Api.Tests.Hostile;

/// <summary>Many calls over one connection of HTTP/2, each given up as soon as it has begun (CVE-2023-44487).</summary>
public sealed class GrpcFloodTests
{
    const int Calls = 2_000;

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Calls_that_are_given_up_at_once_leave_nothing_behind()
    {
        using var application = new RnnApplication();
        application.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        application.StartServer();
        using var rest = application.CreateClient();
        using var channel = GrpcChannel.ForAddress(rest.BaseAddress!);
        var client = new GRPCInferenceService.GRPCInferenceServiceClient(channel);

        await Parallel.ForAsync(0, Calls, new ParallelOptions { MaxDegreeOfParallelism = 200, CancellationToken = Aborted }, async (number, _) =>
        {
            using var leave = new CancellationTokenSource();
            var call = client.ModelInferAsync(Tokens(10_000).With("sequence_id", $"flood-{number % 10}").With("sequence_start", true), cancellationToken: leave.Token);
            await leave.CancelAsync();
            await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync);
        });

        var turns = application.Services.GetRequiredService<Turns>();
        await FaultRun.UntilAsync(() => turns.Count == 0, () => $"{turns.Count} sessions are held by calls that were given up.");
        var reply = await client.ModelInferAsync(Tokens(1).With("sequence_id", "flood-0").With("sequence_start", true), cancellationToken: Aborted);
        Assert.Equal(1, reply.Parameters["step"].Int64Param);
    }

    static ModelInferRequest Tokens(int count) => new ModelInferRequest
    {
        ModelName = "austen",
        Inputs = { Input("tokens", "UINT8", 1, count) },
        RawInputContents = { ByteString.CopyFrom(new byte[count]) },
    }.With("return", "last");
}
