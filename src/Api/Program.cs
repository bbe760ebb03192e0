using Rnn.Api;
using Rnn.Api.Commands;
using Rnn.Api.Documentation;
using Rnn.Api.Errors;
using Rnn.Api.Mcp;
using Rnn.Api.Observability;
using Rnn.Api.OpenAi;
using Rnn.Api.OpenInference;
using Rnn.Api.OpenInference.Grpc;
using Rnn.Api.Rest;
using Rnn.Api.Security;
using Rnn.Api.TensorFlowServing;

if (CommandLine.Takes(args))
{
    return await CommandLine.InvokeAsync(args, Console.Out, Console.Error);
}

try
{
    var builder = WebApplication.CreateBuilder(CommandLine.HostOptions(args));
    builder.AddLogging();
    builder.AddTelemetry();
    builder.AddEngine();
    builder.AddAccess();
    builder.AddRequestRules();
    builder.Services.AddTensorFlowServing();
    builder.Services.AddOpenAiDialect();
    builder.AddMcp();
    builder.AddOpenInference();
    builder.AddOpenInferenceGrpc();
    builder.Services.AddProblems();
    builder.Services.AddHealth();
    builder.Services.AddApiDocument();

    var app = builder.Build();
    app.UseRequestLog();
    app.UseOpenAiDialect();
    app.UseAudit();
    app.UseProblems();
    app.UseSecurityHeaders();
    app.UseRequestRules();
    app.UseLocalHosts();
    app.UseOpenInference();
    app.UsePlayground();
    app.UseApiDocument();
    app.UseAccess();
    app.UseWebSockets();

    // Each route stands under the scope that it takes, or says itself that it takes none.
    var predict = app.MapGroup("").RequireScope(Scopes.Predict);
    predict.MapModels();
    predict.MapModelPredictions();
    predict.MapSessions();
    predict.MapOpenAiDialect();
    predict.MapTensorFlowServing();
    predict.MapMcp();
    predict.MapOpenInference();
    var manage = app.MapGroup("").RequireScope(Scopes.Manage);
    manage.MapModelLife();
    manage.MapOpenInferenceControl();
    app.MapOpenInferenceGrpc();
    app.MapHealth();
    app.MapMetrics();

    await app.RunAsync();
    return 0;
}
catch (Exception exception)
{
    // The last line says what the operator has to mend; a crash report would bury it.
    await Console.Error.WriteLineAsync($"Stopped: {exception.Message}");
    return 1;
}
