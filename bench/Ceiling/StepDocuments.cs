using System.Text.Json.Serialization;

namespace Rnn.Bench.Ceiling;

sealed record StepRequest(double[] Values);

sealed record StepReply(string Model, int Version, string Session, long Step, StepOutput Output);

sealed record StepOutput(float[] Values);

/// <summary>Their JSON, generated at compile time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(StepRequest))]
[JsonSerializable(typeof(StepReply))]
sealed partial class StepJson : JsonSerializerContext;
