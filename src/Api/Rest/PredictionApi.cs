using System.Net.Mime;
using Rnn.Api.Documentation;
using Rnn.Api.Security;

namespace Rnn.Api.Rest;

/// <summary>Step, sequence and generate: on a model from a given state, or on a session that keeps it.</summary>
static class PredictionApi
{
    const string GenerateDescription =
        "Applies the input, then feeds each output back as the next input (one-to-many). With `stream` true the reply is "
        + "`text/event-stream`: an event for each timestep, then one of type `end`; it stops at once when the client leaves.";

    const string ScoreDescription =
        "The log-probability of each token after those before it, their sum, perplexity and bits per token. A first token before which "
        + "there is nothing, neither a state with steps nor a start token of the model, is left out of the sums.";

    const string ObserveDescription =
        "Compares what came with what had been predicted for it, tells how anomalous it is, and goes on: a step that also judges. What is usual is "
        + "learnt from the stream and kept in the session's state. For models whose outputs are the next values of some of their features.";

    public static void MapModelPredictions(this IEndpointRouteBuilder routes)
    {
        var model = routes.MapGroup("/api/v1/models/{model}").WithTags("Predictions").RunsModel()
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(413).ProducesProblem(415).ProducesProblem(422).ProducesProblem(503);

        model.MapPost("/step", (string model, StepRequest body, StateForms states, Predictor predictor, HttpContext http) =>
                predictor.PredictAsync(body.OnModel(model, states), body, http))
            .Produces<PredictionResponse>(200, MediaTypeNames.Application.Json, StateBody.BinaryType)
            .WithName("StepModel").WithExample(Example.Step)
            .WithSummary("Apply a model once")
            .WithDescription("One timestep from the zero state, or from the state in the body (one-to-one).");
        model.MapPost("/sequence", (string model, SequenceRequest body, StateForms states, Predictor predictor, HttpContext http) =>
                predictor.PredictAsync(body.OnModel(model, states), body, http))
            .Produces<PredictionResponse>(200, MediaTypeNames.Application.Json, StateBody.BinaryType)
            .WithName("RunModel").WithExample(Example.Sequence)
            .WithSummary("Apply a model to a sequence")
            .WithDescription("Replies with the last output (many-to-one) or with all of them (many-to-many).");
        model.MapPost("/generate", (string model, GenerateRequest body, StateForms states, Predictor predictor, HttpContext http) =>
                predictor.GenerateAsync(body.OnModel(model, states), body, http))
            .Produces<GenerationResponse>(200, MediaTypeNames.Application.Json, MediaTypeNames.Text.EventStream, StateBody.BinaryType)
            .StreamsOf(MediaTypeNames.Text.EventStream, typeof(GenerationEvent))
            .WithName("GenerateWithModel").WithExample(Example.Generate)
            .WithSummary("Generate with a model")
            .WithDescription(GenerateDescription);
        model.MapPost("/score", (string model, ScoreRequest body, StateForms states, Predictor predictor, HttpContext http) =>
                predictor.ScoreAsync(body.OnModel(model, states), http))
            .Produces<ScoreResponse>()
            .WithName("ScoreWithModel").WithExample(Example.Score)
            .WithSummary("Tell how probable a text is")
            .WithDescription(ScoreDescription);

        model.MapBatch<StepRequest, PredictionResponse>("/step", "StepModelBatch", Example.Step);
        model.MapBatch<SequenceRequest, PredictionResponse>("/sequence", "RunModelBatch", Example.Sequence);
        model.MapBatch<GenerateRequest, GenerationResponse>("/generate", "GenerateWithModelBatch", Example.Generate);
        model.MapModelForecast();
    }

    /// <param name="sessions">The group of one session's routes.</param>
    public static void MapSessionPredictions(this IEndpointRouteBuilder sessions)
    {
        var session = sessions.MapGroup("").RunsModel().ProducesProblem(413).ProducesProblem(415).ProducesProblem(422);

        session.MapPost("/step", ([AsParameters] SessionCall call, StepRequest body, Predictor predictor, HttpContext http) =>
                predictor.PredictAsync(body.OnSession(call), body, http))
            .Produces<PredictionResponse>(200, MediaTypeNames.Application.Json, StateBody.BinaryType)
            .WithName("StepSession").ChangesSession().WithExample(Example.Step)
            .WithSummary("Apply a session's model once")
            .WithDescription("One timestep from the session's state, which moves on.");
        session.MapPost("/sequence", ([AsParameters] SessionCall call, SequenceRequest body, Predictor predictor, HttpContext http) =>
                predictor.PredictAsync(body.OnSession(call), body, http))
            .Produces<PredictionResponse>(200, MediaTypeNames.Application.Json, StateBody.BinaryType)
            .WithName("RunSession").ChangesSession().WithExample(Example.Sequence, Example.AirSequence)
            .WithSummary("Apply a session's model to a sequence")
            .WithDescription("The same, to the last bit, as so many single steps.");
        session.MapPost("/observe", ([AsParameters] SessionCall call, ObserveRequest body, Predictor predictor, HttpContext http) =>
                predictor.ObserveAsync(body.OnSession(call), body, http))
            .Produces<ObservationResponse>()
            .WithName("ObserveWithSession").ChangesSession().WithExample(Example.Observe)
            .WithSummary("Watch a stream")
            .WithDescription(ObserveDescription);
        session.MapPost("/generate", ([AsParameters] SessionCall call, GenerateRequest body, Predictor predictor, HttpContext http) =>
                predictor.GenerateAsync(body.OnSession(call), body, http))
            .Produces<GenerationResponse>(200, MediaTypeNames.Application.Json, MediaTypeNames.Text.EventStream, StateBody.BinaryType)
            .StreamsOf(MediaTypeNames.Text.EventStream, typeof(GenerationEvent))
            .WithName("GenerateWithSession").ChangesSession().WithExample(Example.Continue)
            .WithSummary("Generate with a session")
            .WithDescription($"{GenerateDescription} A session goes on from its state, so no input is needed, and is left at the last timestep that was sent; of several generations, along the first.");
        session.MapPost("/score", ([AsParameters] SessionChange call, ScoreRequest body, Predictor predictor, HttpContext http) =>
                predictor.ScoreAsync(body.OnSession(call), http))
            .Produces<ScoreResponse>()
            .WithName("ScoreWithSession").WithExample(Example.Score).ProducesProblem(409).ProducesProblem(412)
            .WithSummary("Tell how probable a text is from where a session is")
            .WithDescription($"{ScoreDescription} The session stays where it is.");
        session.MapSessionForecast();
    }
}
