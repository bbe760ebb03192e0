using System.Net.Mime;
using System.Text;
using Rnn.Api.Documentation;
using Rnn.Engine;
using Rnn.Engine.Forecasting;
using Serilog;

namespace Rnn.Api.Rest;

/// <summary>Forecasts: series from their first rows, or what comes after a session.</summary>
static class ForecastApi
{
    const string Description =
        "Of a model whose outputs are the next values of some of its features, the targets. Each step's targets are fed back for the next: the medians, or "
        + "so many drawn paths, whose medians and quantiles are told. Missing values are null, or empty in a table: a target is then the model's own "
        + "prediction, and a covariate what it was before. Body and reply are JSON or, by `Content-Type` and `Accept`, `text/csv`.";

    /// <param name="model">The group of one model's predictions.</param>
    public static void MapModelForecast(this IEndpointRouteBuilder model) => model.MapPost("/forecast", ForecastModelAsync)
        .Accepts<ForecastRequest>(MediaTypeNames.Application.Json, ForecastBody.CsvType)
        .Produces<ForecastResponse>(200, MediaTypeNames.Application.Json, ForecastBody.CsvType)
        .WithName("ForecastWithModel").WithExample(Example.Forecast)
        .WithSummary("Forecast series")
        .WithDescription(Description);

    /// <param name="session">The group of one session's predictions.</param>
    public static void MapSessionForecast(this IEndpointRouteBuilder session) => session.MapPost("/forecast", ForecastSessionAsync)
        .Accepts<ForecastRequest>(MediaTypeNames.Application.Json, ForecastBody.CsvType)
        .Produces<ForecastResponse>(200, MediaTypeNames.Application.Json, ForecastBody.CsvType)
        .WithName("ForecastWithSession").WithExample(Example.ForecastSession).ProducesProblem(409).ProducesProblem(412)
        .WithSummary("Forecast from where a session is")
        .WithDescription($"{Description} What the session has read is the past, so no values are given; it stays where it is.");

    static Task<IResult> ForecastModelAsync(
        string model, [AsParameters] ForecastQuery query, ForecastBody body, InferenceEngine engine, IDiagnosticContext log, HttpContext http) =>
        AnswerAsync(body, body.OnModel(model, query), engine, log, http);

    static Task<IResult> ForecastSessionAsync(
        [AsParameters] SessionChange call, [AsParameters] ForecastQuery query, ForecastBody body, InferenceEngine engine, IDiagnosticContext log, HttpContext http) =>
        AnswerAsync(body, body.OnSession(call, query), engine, log, http);

    static async Task<IResult> AnswerAsync(
        ForecastBody body, ForecastPlan plan, InferenceEngine engine, IDiagnosticContext log, HttpContext http)
    {
        var isCsvWanted = ForecastBody.IsCsvWanted(http.Request);
        if (isCsvWanted && plan.TellsPaths)
        {
            throw EngineException.Input("/paths", "A table has no room for paths; ask for a reply of application/json.");
        }

        var result = await ForecastAsync(body, plan, engine, http.RequestAborted);
        log.Set("Model", result.Model.Name);
        if (result.Session is not null)
        {
            log.Set("Session", result.Session.Id);
            http.Response.SetTag(result.Session.Tag);
        }

        var response = ForecastResponse.From(result, plan);
        return isCsvWanted
            ? TypedResults.Text(ForecastCsv.Write(response), ForecastBody.CsvType, Encoding.UTF8)
            : TypedResults.Ok(response);
    }

    static async Task<ForecastResult> ForecastAsync(ForecastBody body, ForecastPlan plan, InferenceEngine engine, CancellationToken aborted)
    {
        try
        {
            return await engine.ForecastAsync(plan, aborted);
        }
        catch (EngineException exception) when (body.Locate(exception) is var located && located != exception)
        {
            throw located;
        }
    }
}
