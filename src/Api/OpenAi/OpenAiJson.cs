using System.Text.Json.Serialization;

namespace Rnn.Api.OpenAi;

/// <summary>The JSON of OpenAI's dialect, generated at compile time. Its records name their members themselves.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(CompletionRequest))]
[JsonSerializable(typeof(Completion))]
[JsonSerializable(typeof(CountedCompletion))]
[JsonSerializable(typeof(EmbeddingRequest))]
[JsonSerializable(typeof(EmbeddingResponse))]
[JsonSerializable(typeof(OpenAiError))]
sealed partial class OpenAiJson : JsonSerializerContext;
