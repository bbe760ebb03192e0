using Rnn.Engine.Sessions;

namespace Rnn.Api.Rest;

/// <summary>Tells an answer again, byte for byte as the first time.</summary>
sealed class Replay(KeptAnswer answer) : IResult
{
    /// <summary>Says that nothing was applied for this reply.</summary>
    public const string Header = "Idempotency-Replayed";

    public Task ExecuteAsync(HttpContext http)
    {
        http.Response.SetTag(answer.Tag);
        http.Response.Headers[Header] = "true";
        http.Response.ContentType = answer.ContentType;
        http.Response.ContentLength = answer.Body.Length;
        return http.Response.Body.WriteAsync(answer.Body, http.RequestAborted).AsTask();
    }
}
