using System.Text.Json;
using System.Text.Json.Serialization;

namespace Rnn.Api.Mcp;

/// <summary>The JSON of the documents that only tools have, generated at compile time; the others are the native protocol's.</summary>
[JsonSerializable(typeof(NoBody))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(EndedSession))]
[JsonSerializable(typeof(Dictionary<string, JsonElement>))]
sealed partial class McpJson : JsonSerializerContext;
