using Microsoft.Extensions.Options;
using Rnn.Api;
using Rnn.Api.Documentation;
using Rnn.Api.Errors;
using Rnn.Api.Observability;
using Rnn.Api.Rest;
using Rnn.Engine;

var builder = WebApplication.CreateBuilder(args);

builder.AddLogging();
builder.AddEngine();
builder.AddRequestRules();
builder.Services.AddProblems();
builder.Services.AddHealth();
builder.Services.AddApiDocument();

var app = builder.Build();

app.UseRequestLog();
app.UseProblems();
app.UseApiDocument();

app.MapModels();
app.MapPredictions();
app.MapSessions();
app.MapHealth();

try
{
    await app.RunAsync();
    return 0;
}
catch (Exception exception) when (exception is EngineException or OptionsValidationException)
{
    return 1;      // the host has logged what the operator has to mend; a crash report would only bury it
}
