using System.Text.Json;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Rnn.Api.Rest;
using Rnn.Engine;
using Rnn.Engine.Codecs;
using Rnn.Engine.Sessions;

namespace Rnn.Api.Mcp;

/// <summary>The tools: each a native call, with what an assistant has to know to choose it.</summary>
sealed class Tools(InferenceEngine engine, Predictor predictor, StateForms states, IOptions<JsonOptions> options)
{
    static readonly ToolAnnotations Reads = new() { ReadOnlyHint = true, OpenWorldHint = false };
    static readonly ToolAnnotations Moves = new() { ReadOnlyHint = false, DestructiveHint = false, IdempotentHint = false, OpenWorldHint = false };
    static readonly ToolAnnotations Ends = new() { ReadOnlyHint = false, DestructiveHint = true, IdempotentHint = false, OpenWorldHint = false };

    readonly JsonSerializerOptions _json = options.Value.SerializerOptions;

    public IEnumerable<McpServerTool> All =>
    [
        New<NoBody, ModelList>("list_models", "List the models",
            "Every model with what it reads, what it tells (units, labels) and the tools that take it. Call this first.",
            Reads, Target.None, ListAsync),
        New<SequenceRequest, PredictionResponse>("predict", "Apply a model to a sequence",
            "Applies a model to timesteps and tells the output after the last, or with return \"all\" after each: values in their units, labels with "
            + "probabilities, or the most probable next tokens. Give text, or rows of numbers in the order and units of the model's features. A single row is "
            + "a single step. On a session the timesteps follow what it has read, and it moves on unless commit is false.",
            Moves, Target.ModelOrSession, PredictAsync),
        New<ForecastRequest, ForecastResponse>("forecast", "Forecast a time series",
            "Continues a series by horizon steps, with quantiles if asked for. Give what was observed in values, a row for each timestep without the features "
            + "of the calendar, null for what is missing; start and interval if the model has features of the calendar; and in future the known covariates of the "
            + "steps to come. Or name a session, whose past is what it has read; it stays where it is.",
            Reads, Target.ModelOrSession, ForecastAsync),
        New<SequenceRequest, PredictionResponse>("classify", "Label a text or a sequence",
            "Tells which class a text or a sequence of rows belongs to, with probabilities, the most probable first; with return \"all\" a label for each "
            + "timestep, such as the part of speech of each word. Only of models that tell classes.",
            Reads, Target.Model, ClassifyAsync),
        New<GenerateRequest, GenerationResponse>("complete", "Continue a text or a series",
            "Draws what comes after a text, token by token, or continues rows of numbers; of an encoder-decoder, tells the text that belongs to the "
            + "source in text. temperature 0 always takes the most probable token; a seed makes it repeatable; pattern, a regular expression, holds the text to a form. "
            + "On a session it goes on after what was read, and what is drawn is read too unless commit is false.",
            Moves, Target.ModelOrSession, CompleteAsync),
        New<ScoreRequest, ScoreResponse>("score", "Tell how probable a text is",
            "The natural log-probability of each token of a text after those before it, their sum, perplexity and bits per token. Compare texts by "
            + "bitsPerToken. On a session the text is scored after what it has read, and the session stays where it is.",
            Reads, Target.ModelOrSession, ScoreAsync),
        New<CreateSessionRequest, SessionResponse>("start_session", "Start a session",
            "Starts a session, which remembers what its model has read between calls. Give its id as session to the other tools. It ends by itself after a while without use.",
            Moves, Target.None, StartAsync),
        New<NoBody, EndedSession>("end_session", "End a session", "Ends a session; what it remembers is gone.",
            Ends, Target.Session, EndAsync),
    ];

    EngineTool<TBody> New<TBody, TReply>(
        string name, string title, string description, ToolAnnotations annotations, Target takes, EngineCall<TBody> call)
        where TBody : class
    {
        var tool = new Tool
        {
            Name = name,
            Title = title,
            Description = description,
            Annotations = annotations,
            InputSchema = ToolSchema.Input<TBody>(takes, _json),
            OutputSchema = ToolSchema.Output<TReply>(_json),
        };
        return new(tool, takes, call, _json);
    }

    Task<ReadOnlyMemory<byte>> ListAsync(CallTarget target, NoBody body, CancellationToken aborted) =>
        Task.FromResult(Render(new ModelList { Models = [.. engine.Models.All.Select(ModelCard.From)] }));

    async Task<ReadOnlyMemory<byte>> PredictAsync(CallTarget target, SequenceRequest body, CancellationToken aborted) =>
        (await predictor.TellAsync(RequestOf(target, body), body, aborted)).Document;

    async Task<ReadOnlyMemory<byte>> CompleteAsync(CallTarget target, GenerateRequest body, CancellationToken aborted) =>
        (await predictor.TellAsync(RequestOf(target, body), body, aborted)).Document;

    Task<ReadOnlyMemory<byte>> ClassifyAsync(CallTarget target, SequenceRequest body, CancellationToken aborted) =>
        engine.Models.Get(target.Model!, body.Version) is { Output: ClassHead }
            ? PredictAsync(target, body, aborted)
            : throw new EngineException(ErrorKind.NotSupported, $"Model '{target.Model}' does not tell classes; list_models tells which tools take it.", "/model");

    async Task<ReadOnlyMemory<byte>> ScoreAsync(CallTarget target, ScoreRequest body, CancellationToken aborted)
    {
        var request = target.Session is { } session ? body.OnSession(new() { Id = session }) : body.OnModel(target.Model!, states);
        return (await predictor.TellScoreAsync(request, aborted)).Document;
    }

    async Task<ReadOnlyMemory<byte>> ForecastAsync(CallTarget target, ForecastRequest body, CancellationToken aborted)
    {
        if (target.Session is not null && body.Version is not null)
        {
            throw EngineException.Input("/version", "A session has a version of its own; leave it out.");
        }

        var plan = body.ToPlan() with { Model = target.Model, Session = target.Session };
        return Render(ForecastResponse.From(await engine.ForecastAsync(plan, aborted), plan));
    }

    async Task<ReadOnlyMemory<byte>> StartAsync(CallTarget target, CreateSessionRequest body, CancellationToken aborted)
    {
        var session = await engine.Sessions.CreateAsync(engine.Models.Draw(body.Model, body.Version), body.ToSession(states), aborted);
        return Render(SessionResponse.From(SessionSummary.Of(session)));
    }

    async Task<ReadOnlyMemory<byte>> EndAsync(CallTarget target, NoBody body, CancellationToken aborted)
    {
        await engine.Sessions.DeleteAsync(target.Session!, null, aborted);
        return Render(new EndedSession(target.Session!));
    }

    InferenceRequest RequestOf(CallTarget target, PredictionRequest body) =>
        target.Session is { } session ? body.OnSession(new() { Id = session }) : body.OnModel(target.Model!, states);

    ReadOnlyMemory<byte> Render<T>(T document) => JsonSerializer.SerializeToUtf8Bytes(document, _json);
}

/// <summary>The session that is no more.</summary>
sealed record EndedSession(string Session);
