using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;
using Rnn.Api.Errors;

namespace Rnn.Api.Rest;

/// <summary>The JSON of the native protocol, generated at compile time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StepRequest))]
[JsonSerializable(typeof(SequenceRequest))]
[JsonSerializable(typeof(GenerateRequest))]
[JsonSerializable(typeof(ObserveRequest))]
[JsonSerializable(typeof(ObservationResponse))]
[JsonSerializable(typeof(PredictionResponse))]
[JsonSerializable(typeof(GenerationResponse))]
[JsonSerializable(typeof(GenerationEvent))]
[JsonSerializable(typeof(ScoreRequest))]
[JsonSerializable(typeof(ScoreResponse))]
[JsonSerializable(typeof(BatchRequest<JsonElement>))]
[JsonSerializable(typeof(BatchError))]
[JsonSerializable(typeof(ProgressLine))]
[JsonSerializable(typeof(LastLine))]
[JsonSerializable(typeof(SocketHello))]
[JsonSerializable(typeof(ForecastRequest))]
[JsonSerializable(typeof(ForecastResponse))]
[JsonSerializable(typeof(CreateSessionRequest))]
[JsonSerializable(typeof(ForkRequest))]
[JsonSerializable(typeof(RewindRequest))]
[JsonSerializable(typeof(MoveRequest))]
[JsonSerializable(typeof(SessionResponse))]
[JsonSerializable(typeof(SessionPage))]
[JsonSerializable(typeof(UnitRequest))]
[JsonSerializable(typeof(UnitResponse))]
[JsonSerializable(typeof(StateDocument))]
[JsonSerializable(typeof(ModelResponse))]
[JsonSerializable(typeof(IReadOnlyList<ModelResponse>))]
[JsonSerializable(typeof(ModelLifeRequest))]
[JsonSerializable(typeof(IReadOnlyList<ModelStatusResponse>))]
[JsonSerializable(typeof(ProblemDetails))]
[JsonSerializable(typeof(ProblemError[]))]
sealed partial class RestJson : JsonSerializerContext;
