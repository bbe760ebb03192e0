using System.Text.Json.Serialization;

namespace Rnn.Client;

/// <summary>The JSON of the server, generated at compile time. What a later server tells besides is passed over.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StepRequest))]
[JsonSerializable(typeof(SequenceRequest))]
[JsonSerializable(typeof(GenerateRequest))]
[JsonSerializable(typeof(ScoreRequest))]
[JsonSerializable(typeof(Score))]
[JsonSerializable(typeof(ObserveRequest))]
[JsonSerializable(typeof(Observation))]
[JsonSerializable(typeof(ForecastRequest))]
[JsonSerializable(typeof(ForecastReply))]
[JsonSerializable(typeof(UnitRequest))]
[JsonSerializable(typeof(UnitReply))]
[JsonSerializable(typeof(CreateSessionRequest))]
[JsonSerializable(typeof(ForkRequest))]
[JsonSerializable(typeof(RewindRequest))]
[JsonSerializable(typeof(MoveRequest))]
[JsonSerializable(typeof(Prediction))]
[JsonSerializable(typeof(Generation))]
[JsonSerializable(typeof(GenerationEvent))]
[JsonSerializable(typeof(SessionInfo))]
[JsonSerializable(typeof(SessionPage))]
[JsonSerializable(typeof(IReadOnlyList<ModelInfo>))]
[JsonSerializable(typeof(Problem))]
sealed partial class RnnJson : JsonSerializerContext;
