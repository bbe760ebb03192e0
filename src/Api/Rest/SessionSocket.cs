using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using Rnn.Api.Errors;
using Rnn.Engine;

namespace Rnn.Api.Rest;

/// <summary>A session over a WebSocket: a message for each call, a message for each answer.</summary>
sealed class SessionSocket(
    InferenceEngine engine, Predictor predictor, SessionOptions sessions, ServerOptions server, TimeProvider time,
    IHostApplicationLifetime lifetime, IOptions<JsonOptions> json)
{
    static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(15);
    static readonly TimeSpan PongTimeout = TimeSpan.FromSeconds(60);

    public async Task RunAsync(string id, HttpContext http)
    {
        var session = await engine.Sessions.GetAsync(id, http.RequestAborted);
        if (!http.WebSockets.IsWebSocketRequest)
        {
            http.Response.Headers.Upgrade = "websocket";
            await Problem.Of(StatusCodes.Status426UpgradeRequired).ExecuteAsync(http);
            return;
        }

        if (!PageOrigin.MayCall(http.Request, server))
        {
            await Problem.Of(StatusCodes.Status403Forbidden).ExecuteAsync(http);
            return;
        }

        using var socket = await http.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
        {
            KeepAliveInterval = PingInterval,
            KeepAliveTimeout = PongTimeout,
        });
        var hello = new SocketHello
        {
            Session = session.Id,
            Model = session.Model,
            Version = session.Version,
            Step = session.State.Step,
            Tag = session.Tag,
            Window = sessions.KeptAnswers,
        };
        using var run = new SocketRun(socket, hello, predictor, server, time, json.Value.SerializerOptions);
        await run.RunAsync(http.RequestAborted, lifetime.ApplicationStopping);
    }
}
