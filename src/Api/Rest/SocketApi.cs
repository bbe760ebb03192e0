namespace Rnn.Api.Rest;

/// <summary>The route of a session's socket.</summary>
static class SocketApi
{
    const string Description =
        "A WebSocket, which this document can't describe. The server begins with where the session is; then each message, such as "
        + "`{\"id\": 17, \"step\": {...}}`, is answered by one with the same `id` and the reply of that call, in order. A message that is sent "
        + "again with its `id`, also over another socket, is applied once. docs/streaming.md tells more.";

    /// <param name="session">The group of one session's routes.</param>
    public static void MapSessionSocket(this IEndpointRouteBuilder session) => session.MapGet(
            "/socket", (string id, SessionSocket socket, HttpContext http) => socket.RunAsync(id, http))
        .WithName("OpenSocket").WithSummary("Step a session over a WebSocket").WithDescription(Description)
        .Produces(101).ProducesProblem(403).ProducesProblem(426)
        .DisableRequestTimeout();
}
