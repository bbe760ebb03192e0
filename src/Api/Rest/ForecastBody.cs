using Microsoft.Net.Http.Headers;
using Rnn.Engine;
using Rnn.Engine.Forecasting;

namespace Rnn.Api.Rest;

/// <summary>What a request asks to forecast: as JSON, or as a table with the options in the URL.</summary>
sealed class ForecastBody
{
    public const string CsvType = "text/csv";

    readonly ForecastRequest? _request;
    readonly ForecastTable? _table;

    ForecastBody(ForecastRequest request) => _request = request;

    ForecastBody(ForecastTable table) => _table = table;

    /// <summary>Whether the client would rather have a table in the reply.</summary>
    public static bool IsCsvWanted(HttpRequest request) =>
        request.GetTypedHeaders().Accept.Any(accept => accept.MediaType.Equals(CsvType, StringComparison.OrdinalIgnoreCase));

    /// <summary>Reads the body in the form that its content type names.</summary>
    public static async ValueTask<ForecastBody?> BindAsync(HttpContext http)
    {
        var request = http.Request;
        if (MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            && type.MediaType.Equals(CsvType, StringComparison.OrdinalIgnoreCase))
        {
            return new ForecastBody(new ForecastTable(await CsvTable.ReadAsync(request.Body, http.RequestAborted)));
        }

        if (!request.HasJsonContentType())
        {
            throw new BadHttpRequestException(
                $"A forecast is asked for as application/json or {CsvType}.", StatusCodes.Status415UnsupportedMediaType);
        }

        return await request.ReadFromJsonAsync<ForecastRequest>(http.RequestAborted) is { } document
            ? new ForecastBody(document)
            : throw EngineException.Input("", "The body is null; an object is expected.");
    }

    /// <summary>This request as a plan for a model.</summary>
    public ForecastPlan OnModel(string model, ForecastQuery query) => ToPlan(query, isSession: false) with { Model = model };

    /// <summary>This request as a plan for a session.</summary>
    public ForecastPlan OnSession(SessionChange call, ForecastQuery query)
    {
        var plan = ToPlan(query, isSession: true);
        return plan.Version is null
            ? plan with { Session = call.Id, ExpectedTag = call.ExpectedTag }
            : throw EngineException.Input("/version", "A session has a version of its own; leave it out.");
    }

    /// <summary>The same fault, with its place in what was sent.</summary>
    public EngineException Locate(EngineException fault) => _table?.Locate(fault) ?? fault;

    ForecastPlan ToPlan(ForecastQuery query, bool isSession)
    {
        if (_table is not null)
        {
            return query.ToPlan(_table, isSession);
        }

        query.ExpectNone();
        return _request!.ToPlan();
    }
}
