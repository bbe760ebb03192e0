using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using Rnn.Api.Documentation;
using Rnn.Engine;
using Rnn.Engine.Layers;

namespace Rnn.Api.Rest;

/// <summary>Sessions: states kept under an ID.</summary>
static class SessionApi
{
    const int MaxPage = 1_000;

    public static void MapSessions(this IEndpointRouteBuilder routes)
    {
        var sessions = routes.MapGroup("/api/v1/sessions").WithTags("Sessions").ProducesProblem(400);

        sessions.MapPost("", Create)
            .WithName("CreateSession").WithExample(Example.CreateSession)
            .ProducesProblem(404).ProducesProblem(409).ProducesProblem(415).ProducesProblem(503)
            .WithSummary("Create a session")
            .WithDescription("A session keeps the hidden and cell state of a model between calls, from the zero state on. The examples below use this one.");
        sessions.MapGet("", List)
            .WithName("ListSessions").WithSummary("List the sessions")
            .WithDescription("A page in the order of the IDs; `next` of a page is `after` of the one that follows.");

        var session = sessions.MapGroup("/{id}").ProducesProblem(404).ProducesProblem(410);

        session.MapSessionPredictions();
        session.MapPost("/reset", ResetAsync)
            .WithName("ResetSession").WithSummary("Put a session back to the zero state")
            .WithDescription("Its step is 0 again; its ID and its times stay.");
        session.MapGet("/state", GetState)
            .WithName("GetState").WithSummary("Read a session's state")
            .WithDescription("The hidden and cell state by layer; or, with `Accept: application/octet-stream`, the compact binary form. Both can be put into another session of the model.")
            .Produces<StateDocument>(200, "application/json", StateBody.BinaryType);
        session.MapPut("/state", PutStateAsync)
            .WithName("PutState").WithExample(Example.State).ProducesProblem(413).ProducesProblem(415).ProducesProblem(422)
            .WithSummary("Replace a session's state")
            .WithDescription("By a state of the same model, in either form. The step becomes that of the state.")
            .Accepts<StateDocument>("application/json", StateBody.BinaryType);
        session.MapGet("", (string id, InferenceEngine engine) => TypedResults.Ok(SessionResponse.From(engine.Sessions.Get(id))))
            .WithName("GetSession").WithSummary("Describe a session")
            .WithDescription("Its model, step and times. Asking does not prolong its life.");
        session.MapDelete("", DeleteAsync)
            .WithName("DeleteSession").WithSummary("End a session")
            .WithDescription("After the calls that came before. From then on it is 410 Gone, until its ID is created anew.");
    }

    static Created<SessionResponse> Create(CreateSessionRequest body, InferenceEngine engine)
    {
        var model = engine.Models.Get(body.Model, body.Version);
        var session = engine.Sessions.Create(body.Id, model, Duration(body.TimeToLive));
        return TypedResults.Created($"/api/v1/sessions/{session.Id}", SessionResponse.From(session));
    }

    static Ok<SessionPage> List(
        InferenceEngine engine,
        [Description("The last ID of the page before.")] string? after = null,
        [Description("Most sessions of the page, 1 to 1000.")] int limit = 100,
        [Description("Only sessions of this model.")] string? model = null)
    {
        if (limit is < 1 or > MaxPage)
        {
            throw EngineException.Input("/limit", $"limit must be 1 to {MaxPage}.");
        }

        var sessions = engine.Sessions.List(after, limit + 1, model);         // one more tells whether a page follows
        var page = sessions.Take(limit).Select(SessionResponse.From).ToList();
        return TypedResults.Ok(new SessionPage { Sessions = page, Next = sessions.Count > limit ? page[^1].Id : null });
    }

    static async Task<Ok<SessionResponse>> ResetAsync(string id, InferenceEngine engine, CancellationToken aborted)
    {
        using var lease = await engine.Sessions.AcquireAsync(id, aborted);
        lease.Commit(new RecurrentState(lease.Model.Layout));
        return TypedResults.Ok(SessionResponse.From(engine.Sessions.Get(id)));
    }

    static Results<Ok<StateDocument>, FileContentHttpResult> GetState(string id, InferenceEngine engine, HttpRequest request)
    {
        var state = engine.Sessions.GetState(id);
        return StateBody.IsBinaryWanted(request)
            ? TypedResults.Bytes(StateCodec.Encode(state), StateBody.BinaryType)
            : TypedResults.Ok(StateDocument.From(state));
    }

    static async Task<Ok<SessionResponse>> PutStateAsync(
        string id, StateBody body, InferenceEngine engine, CancellationToken aborted)
    {
        using var lease = await engine.Sessions.AcquireAsync(id, aborted);
        lease.Commit(body.ToState(lease.Model.Layout));
        return TypedResults.Ok(SessionResponse.From(engine.Sessions.Get(id)));
    }

    static async Task<NoContent> DeleteAsync(string id, InferenceEngine engine, CancellationToken aborted)
    {
        using var lease = await engine.Sessions.AcquireAsync(id, aborted);
        lease.Delete();
        return TypedResults.NoContent();
    }

    // Held to what a TimeSpan can hold, and far beyond what the table allows: it is the table that refuses.
    static TimeSpan? Duration(double? seconds) => seconds is null ? null : TimeSpan.FromSeconds(Math.Clamp(seconds.Value, -1e9, 1e9));
}
