using Rnn.Api;
using Rnn.Api.Documentation;
using Rnn.Api.Errors;
using Rnn.Api.Observability;
using Rnn.Api.Rest;

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

await app.RunAsync();
