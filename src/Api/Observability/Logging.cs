using System.Globalization;
using Rnn.Api.OpenInference.Grpc;
using Rnn.Api.Security;
using Serilog;
using Serilog.Events;
using Serilog.Formatting.Compact;
using Serilog.Templates;

namespace Rnn.Api.Observability;

/// <summary>
/// The log: for people on a console, one JSON object a line in a container. A request is one event with its model,
/// session, number of steps and duration, and with the trace that it belongs to.
/// </summary>
static class Logging
{
    // A path of 64 KiB is answered, but not worth a line of 64 KiB.
    const int MaxPathLength = 256;

    const string Template =
        "[{@t:HH:mm:ss} {@l:u3}] {@m}{#if GrpcStatus is not null}, gRPC {GrpcStatus}{#end}{#if Key is not null} by {Key}{#end}"
        + "{#if Steps is not null} ({Model}{#if Session is not null}, session {Session}{#end}, {Steps} steps){#end}"
        + "{#if @tr is not null} trace {@tr}{#end}";

    public static void AddLogging(this WebApplicationBuilder builder)
    {
        builder.Logging.ClearProviders();                  // the console is Serilog's; what else there is, such as OpenTelemetry, gets its events
        builder.Services.AddSerilog(
            log =>
            {
                log.MinimumLevel.Override("Microsoft.AspNetCore", LogEventLevel.Warning)
                    .MinimumLevel.Override("Grpc", LogEventLevel.Warning)          // of each refused call, what the request's event says too
                    .MinimumLevel.Override("Microsoft.AspNetCore.DataProtection", LogEventLevel.Error)     // authentication brings it, nothing here uses it, and a container has no place for its keys
                    .ReadFrom.Configuration(builder.Configuration)
                    .Enrich.FromLogContext()
                    .WriteTo.Console(builder.Configuration.GetValue("Logging:Json", IsInContainer)
                        ? new OneLine(new RenderedCompactJsonFormatter())
                        : new OneLine(new ExpressionTemplate(Template, CultureInfo.InvariantCulture), showsException: true));
            },
            writeToProviders: Telemetry.IsSent(builder.Configuration));
    }

    public static void UseRequestLog(this IApplicationBuilder app) => app.UseSerilogRequestLogging(options =>
    {
        options.MessageTemplate = "{RequestMethod} {RequestPath} {StatusCode} in {Elapsed:0.0} ms";
        options.IncludeQueryInRequestPath = false;
        options.GetMessageTemplateProperties = Properties;
        options.EnrichDiagnosticContext = (log, http) =>
        {
            TellKey(log, http);
            TellGrpcStatus(log, http);
        };
        options.GetLevel = Level;
    });

    static bool IsInContainer => Environment.GetEnvironmentVariable("DOTNET_RUNNING_IN_CONTAINER") == "true";

    // The path is written as it came over the wire: decoded, it could hold a line feed and forge a line of the log.
    static IEnumerable<LogEventProperty> Properties(HttpContext http, string path, double elapsed, int status) =>
    [
        new("RequestMethod", new ScalarValue(http.Request.Method)),
        new("RequestPath", new ScalarValue(Shorten(http.Request.Path.ToUriComponent()))),
        new("StatusCode", new ScalarValue(status)),
        new("Elapsed", new ScalarValue(elapsed)),
    ];

    static void TellKey(IDiagnosticContext log, HttpContext http)
    {
        if (http.User.Identity is AccessIdentity { Name: { } name })
        {
            log.Set("Key", name);
        }
    }

    // Over gRPC the HTTP status is always 200.
    static void TellGrpcStatus(IDiagnosticContext log, HttpContext http)
    {
        if (GrpcStatus.Of(http.Response) is { } status)
        {
            log.Set("GrpcStatus", status);
        }
    }

    static string Shorten(string path) => path.Length <= MaxPathLength ? path : $"{path[..MaxPathLength]}...";

    // An error is a fault of ours. That there is no room or no time just now is told to whoever asks too much, who is not to fill the log with errors.
    static LogEventLevel Level(HttpContext http, double elapsed, Exception? exception) => http switch
    {
        { Response.StatusCode: StatusCodes.Status500InternalServerError } => LogEventLevel.Error,
        { Response.StatusCode: > StatusCodes.Status500InternalServerError } => LogEventLevel.Warning,
        _ when Telemetry.IsPolled(http.Request.Path) => LogEventLevel.Debug,
        _ => LogEventLevel.Information,
    };
}
