using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;

namespace Rnn.Api.Tests.Fuzz;

/// <summary>Whatever is said over a session's socket is answered, by one message each; only what no socket takes closes it.</summary>
public sealed class SocketFuzzTests
{
    const int Share = 5;
    const string Session = "names-1";

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    static readonly Dictionary<string, string> Operations = new() { ["step"] = "StepSession", ["sequence"] = "RunSession", ["generate"] = "GenerateWithSession", ["observe"] = "ObserveWithSession" };

    [Fact]
    public async Task Whatever_is_said_is_answered_by_one_message()
    {
        using var host = new FuzzHost(new RnnApplication());
        var contract = await Contract.ReadAsync(host.Client);
        var messages = Messages(contract, RequestGen.Of(contract, await Seeds.LearnAsync(contract, host, key: null)));
        var socket = await OpenAsync(host);
        var (answered, refused) = (0, 0);

        for (var index = 0; index < FuzzRun.Count / Share; index++)
        {
            var message = messages.Generate(new PCG((uint)index, FuzzRun.Seed), null, out _);
            var told = $"RNN_FUZZ_SEED={FuzzRun.Seed}, message {index}: {Encoding.UTF8.GetString(message)}";
            await socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, TestContext.Current.CancellationToken);
            var reply = await ReceiveAsync(socket, told);
            if (reply is null)
            {
                Assert.True(socket.CloseStatus is WebSocketCloseStatus.InvalidPayloadData or WebSocketCloseStatus.MessageTooBig, $"The socket was closed with {socket.CloseStatus}. {told}");
                socket.Dispose();
                socket = await OpenAsync(host);
            }
            else if (reply["error"] is { } error)
            {
                refused++;
                Assert.True((int)error["status"]! is >= 400 and < 500, $"{error.ToJsonString()} {told}");
            }
            else
            {
                answered++;
                Assert.True(reply["model"] is not null, $"{reply.ToJsonString()} {told}");
            }

            Assert.Null(host.Log.Take());
        }

        socket.Dispose();
        Assert.True(answered > 0 && refused > 0, $"{answered} messages were answered, and {refused} refused.");
    }

    /// <summary>Calls with the bodies that the session's operations are sent over HTTP, and what is none.</summary>
    static Gen<byte[]> Messages(Contract contract, RequestGen requests)
    {
        var calls = Gen.OneOf([.. Operations.Select(operation =>
            from request in requests.To(contract.Operations.Single(other => other.Id == operation.Value))
            from id in Gen.OneOf("1", "\"a\"", "null", "\"\\ud800\"", "-1", "1.5", "[]")
            select Encoding.UTF8.GetBytes($$"""{"id":{{id}},"{{operation.Key}}":""").Concat(request.Body ?? "{}"u8.ToArray()).Append((byte)'}').ToArray())]);
        return Gen.Frequency((3, calls), (1, from call in calls
                                             from spoilt in Spoiler.Spoil(new WireRequest("POST", "/") { Headers = [("Content-Type", "application/json")], Body = call }, null)
                                             select spoilt.Body ?? []));
    }

    static async Task<WebSocket> OpenAsync(FuzzHost host)
    {
        await host.SendAsync(new WireRequest("POST", "/api/v1/sessions") { Headers = [("Content-Type", "application/json")], Body = Encoding.UTF8.GetBytes($$"""{"model":"names","id":"{{Session}}"}""") });
        var socket = await host.OpenSocketAsync(Session);
        Assert.NotNull(await ReceiveAsync(socket, "hello"));
        return socket;
    }

    /// <returns>The next message; null if the socket is closed instead.</returns>
    static async Task<JsonNode?> ReceiveAsync(WebSocket socket, string told)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        using var text = new MemoryStream();
        var buffer = new byte[4096];
        ValueWebSocketReceiveResult part;
        try
        {
            do
            {
                part = await socket.ReceiveAsync(buffer.AsMemory(), patience.Token);
                text.Write(buffer, 0, part.Count);
            }
            while (!part.EndOfMessage);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            throw new TimeoutException($"There was no answer. {told}");
        }

        return part.MessageType == WebSocketMessageType.Close ? null : JsonNode.Parse(text.ToArray());
    }
}
