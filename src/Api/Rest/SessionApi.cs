using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using Rnn.Api.Documentation;
using Rnn.Api.Observability;
using Rnn.Engine;
using Rnn.Engine.Sessions;

namespace Rnn.Api.Rest;

/// <summary>Sessions: states kept under an ID.</summary>
static class SessionApi
{
    const int MaxPage = 1_000;

    public static void MapSessions(this IEndpointRouteBuilder routes)
    {
        var sessions = routes.MapGroup("/api/v1/sessions").WithTags("Sessions").ProducesProblem(400).ProducesProblem(503);

        sessions.MapPost("", CreateAsync)
            .WithName("CreateSession").WithExample(Example.CreateSession, Example.CreateAirSession)
            .ProducesProblem(404).ProducesProblem(409).ProducesProblem(415).ProducesProblem(422).ProducesProblem(507)
            .WithSummary("Create a session")
            .WithDescription("A session keeps the hidden and cell state of a model between calls, from the zero state on or from the one given. The examples below use these.");
        sessions.MapGet("", ListAsync)
            .WithName("ListSessions").WithSummary("List the sessions")
            .WithDescription("A page in the order of the IDs; `next` of a page is `after` of the one that follows.");

        var session = sessions.MapGroup("/{id}").ProducesProblem(404).ProducesProblem(410);

        session.MapSessionPredictions();
        session.MapSessionSocket();
        session.MapPost("/rewind", RewindAsync)
            .WithName("RewindSession").ChangesSession().WithExample(Example.Rewind).ProducesProblem(415).ProducesProblem(422)
            .WithSummary("Put a session back to an earlier step")
            .WithDescription("To one whose state it keeps, see `history` of a session. What came after it is forgotten; the ETag differs from the one that the step had before.");
        session.MapPost("/fork", ForkAsync)
            .WithName("ForkSession").WithExample(Example.Fork).ProducesProblem(409).ProducesProblem(415).ProducesProblem(422).ProducesProblem(507)
            .WithSummary("Create a session from another")
            .WithDescription("It goes on from where the other is, or was at an earlier step; the other stays as it is.");
        session.MapPost("/move", MoveAsync)
            .WithName("MoveSession").Audited("session.move").ChangesSession().WithExample(Example.Move).ProducesProblem(415).ProducesProblem(422)
            .WithSummary("Move a session to another version of its model")
            .WithDescription("A session stays on the version it began with. Its state goes over as it is, which makes sense if the other version was trained on from this one; or what it has read is replayed there, which always does.");
        session.MapPost("/reset", ResetAsync)
            .WithName("ResetSession").ChangesSession().WithSummary("Put a session back to its beginning")
            .WithDescription("To the zero state, or the named one that it began with, and step 0; its ID stays.");
        session.MapGet("/state", GetStateAsync)
            .WithName("GetState").WithSummary("Read a session's state")
            .WithDescription("The hidden and cell state by layer; or, with `Accept: application/octet-stream`, the compact binary form. Both can be put into another session of the model, here or on another server.")
            .Produces<StateDocument>(200, "application/json", StateBody.BinaryType).ProducesProblem(409).ProducesProblem(422);
        session.MapPost("/units", FindUnitsAsync)
            .WithName("FindUnits").WithExample(Example.FindUnits).ProducesProblem(409).ProducesProblem(415)
            .WithSummary("Find units in a session's history")
            .WithDescription("In the hidden states that it keeps, the present one included: which units tell some steps from the others, and where units rise above a threshold. The session stays as it is.");
        session.MapPut("/state", PutStateAsync)
            .WithName("PutState").Audited("state.put").ChangesSession().WithExample(Example.State).ProducesProblem(413).ProducesProblem(415).ProducesProblem(422)
            .WithSummary("Replace a session's state")
            .WithDescription("By a state of the same model, in either form. The step becomes that of the state.")
            .Accepts<StateDocument>("application/json", StateBody.BinaryType);
        session.MapGet("", GetAsync)
            .WithName("GetSession").WithSummary("Describe a session")
            .WithDescription("Its model, step and times. Asking does not prolong its life.");
        session.MapDelete("", DeleteAsync)
            .WithName("DeleteSession").Audited("session.delete").ChangesSession().WithSummary("End a session")
            .WithDescription("After the calls that came before. From then on it is 410 Gone, until its ID is created anew.");
    }

    /// <summary>Documents what may come of changing a session: a conflict, another step than expected, a full store.</summary>
    public static RouteHandlerBuilder ChangesSession(this RouteHandlerBuilder route) =>
        route.ProducesProblem(409).ProducesProblem(412).ProducesProblem(507);

    static async Task<Created<SessionResponse>> CreateAsync(
        CreateSessionRequest body, InferenceEngine engine, StateForms states, HttpContext http)
    {
        var model = engine.Models.Draw(body.Model, body.Version);
        return Created(await engine.Sessions.CreateAsync(model, body.ToSession(states), http.RequestAborted), http);
    }

    static async Task<Ok<SessionPage>> ListAsync(
        InferenceEngine engine,
        CancellationToken aborted,
        [Description("The last ID of the page before.")] string? after = null,
        [Description("Most sessions of the page, 1 to 1000.")] int limit = 100,
        [Description("Only sessions of this model.")] string? model = null,
        [Description("Only sessions with this tag.")] string? tag = null)
    {
        if (limit is < 1 or > MaxPage)
        {
            throw EngineException.Input("/limit", $"limit must be 1 to {MaxPage}.");
        }

        var sessions = await engine.Sessions.ListAsync(new(after, limit + 1, model, tag), aborted);      // one more tells whether a page follows
        var page = sessions.Take(limit).Select(SessionResponse.From).ToList();
        return TypedResults.Ok(new SessionPage { Sessions = page, Next = sessions.Count > limit ? page[^1].Id : null });
    }

    static async Task<Ok<SessionResponse>> GetAsync(string id, InferenceEngine engine, HttpContext http) =>
        Ok(await engine.Sessions.GetAsync(id, http.RequestAborted), http);

    static async Task<Ok<SessionResponse>> RewindAsync(
        [AsParameters] SessionChange change, RewindRequest body, InferenceEngine engine, HttpContext http) =>
        Ok(await engine.Sessions.RewindAsync(change.Id, body.Step, change.ExpectedTag, http.RequestAborted), http);

    static async Task<Created<SessionResponse>> ForkAsync(string id, ForkRequest body, InferenceEngine engine, HttpContext http) =>
        Created(await engine.Sessions.ForkAsync(id, body.ToSession(), body.Step, http.RequestAborted), http);

    static async Task<Ok<SessionResponse>> MoveAsync(
        [AsParameters] SessionChange change, MoveRequest body, InferenceEngine engine, HttpContext http)
    {
        if (body.By == MoveBy.State)
        {
            return Ok(await engine.Sessions.MoveAsync(change.Id, body.Version, change.ExpectedTag, http.RequestAborted), http);
        }

        var session = await engine.Sessions.MoveByReplayAsync(change.Id, body.Version, change.ExpectedTag, http.RequestAborted);
        http.Response.SetTag(session.Tag);
        return TypedResults.Ok(SessionResponse.From(SessionSummary.Of(session)) with { Replayed = session.Inputs!.Rows.Count });
    }

    static async Task<Ok<SessionResponse>> ResetAsync(
        [AsParameters] SessionChange change, InferenceEngine engine, HttpContext http) =>
        Ok(await engine.Sessions.ResetAsync(change.Id, change.ExpectedTag, http.RequestAborted), http);

    static async Task<Results<Ok<StateDocument>, FileContentHttpResult>> GetStateAsync(
        string id,
        InferenceEngine engine,
        StateForms states,
        HttpContext http,
        [Description("An earlier step whose state is kept; the present one if left out.")] long? step = null)
    {
        var (session, state) = await engine.Sessions.GetStateAsync(id, step, http.RequestAborted);
        http.Response.SetTag(session.Tag);
        return StateBody.IsBinaryWanted(http.Request)
            ? TypedResults.Bytes(states.Bytes(state), StateBody.BinaryType)
            : TypedResults.Ok(states.Document(state));
    }

    static async Task<Ok<UnitResponse>> FindUnitsAsync(string id, UnitRequest body, InferenceEngine engine, HttpContext http) =>
        TypedResults.Ok(UnitResponse.Of(await engine.FindUnitsAsync(id, body.ToQuery(), http.RequestAborted)));

    static async Task<Ok<SessionResponse>> PutStateAsync(
        [AsParameters] SessionChange change, StateBody body, InferenceEngine engine, StateForms states, HttpContext http) =>
        Ok(await engine.Sessions.ReplaceStateAsync(change.Id, layout => body.ToState(layout, states), change.ExpectedTag, http.RequestAborted), http);

    static async Task<NoContent> DeleteAsync(
        [AsParameters] SessionChange change, InferenceEngine engine, CancellationToken aborted)
    {
        await engine.Sessions.DeleteAsync(change.Id, change.ExpectedTag, aborted);
        return TypedResults.NoContent();
    }

    static Ok<SessionResponse> Ok(SessionRecord session, HttpContext http)
    {
        http.Response.SetTag(session.Tag);
        return TypedResults.Ok(SessionResponse.From(SessionSummary.Of(session)));
    }

    static Created<SessionResponse> Created(SessionRecord session, HttpContext http)
    {
        http.Response.SetTag(session.Tag);
        return TypedResults.Created($"/api/v1/sessions/{session.Id}", SessionResponse.From(SessionSummary.Of(session)));
    }
}
