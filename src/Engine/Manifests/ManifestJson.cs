using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Rnn.Engine.Codecs;
using Rnn.Engine.Numerics;

namespace Rnn.Engine.Manifests;

/// <summary>How <c>model.json</c> is read: camelCase, nothing twice, nothing unknown, <c>kind</c> anywhere in its object.</summary>
public static class ManifestJson
{
    // By reflection: generated code sets a missing init-only property to default(T) instead of its own default.
    internal static JsonSerializerOptions Options { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        AllowOutOfOrderMetadataProperties = true,
        RespectNullableAnnotations = true,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        Converters =
        {
            new ActivationJson(),
            new JsonStringEnumConverter<AttentionKind>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false),
            new JsonStringEnumConverter<Calendar>(JsonNamingPolicy.CamelCase, allowIntegerValues: false),
            new JsonStringEnumConverter<Direction>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false),
            new JsonStringEnumConverter<WordFeature>(JsonNamingPolicy.CamelCase, allowIntegerValues: false),
            new JsonStringEnumConverter<Merge>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false),
            new JsonStringEnumConverter<Runtime>(LowerCase.Policy, allowIntegerValues: false),
            new JsonStringEnumConverter<Precision>(namingPolicy: null, allowIntegerValues: false),
        },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    static JsonSerializerOptions WritingOptions { get; } = new(Options)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Reads a manifest.</summary>
    /// <param name="file">The file's name, for messages.</param>
    /// <param name="json">Its content.</param>
    /// <exception cref="EngineException">It is no JSON, has another version, or says what can't be said.</exception>
    public static ModelManifest Read(string file, ReadOnlySpan<byte> json)
    {
        ModelManifest manifest;
        try
        {
            ExpectPlain(json);
            manifest = JsonSerializer.Deserialize<ModelManifest>(json, Options)
                ?? throw EngineException.Model($"{file}: it holds null; an object is expected.");
        }
        catch (JsonException exception)
        {
            var where = exception.Path is null || exception.Message.Contains("Path:", StringComparison.Ordinal) ? "" : $" Path: {exception.Path}.";
            throw EngineException.Model($"{file}: {exception.Message}{where}");
        }
        catch (NotSupportedException exception)
        {
            throw EngineException.Model($"{file}: {exception.Message}");
        }

        return manifest.Format == ModelManifest.CurrentFormat
            ? manifest
            : throw EngineException.Model($"{file}: format is {manifest.Format}; {ModelManifest.CurrentFormat} is read.");
    }

    /// <summary>Refuses what the serializer would let in: null in a list, and numbers that would become an infinity.</summary>
    static void ExpectPlain(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        var isList = new Stack<bool>();
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartArray or JsonTokenType.StartObject:
                    isList.Push(reader.TokenType == JsonTokenType.StartArray);
                    break;
                case JsonTokenType.EndArray or JsonTokenType.EndObject:
                    isList.Pop();
                    break;
                case JsonTokenType.Null when isList.TryPeek(out var inList) && inList:
                    throw new JsonException($"A list holds null at byte {reader.TokenStartIndex}.");
                case JsonTokenType.Number when !(Math.Abs(reader.GetDouble()) <= float.MaxValue):
                    throw new JsonException($"The number at byte {reader.TokenStartIndex} is beyond the range of float32.");
            }
        }
    }

    /// <summary>Writes a manifest as one would by hand: indented, without what is not said.</summary>
    public static string Write(ModelManifest manifest)
    {
        var node = JsonSerializer.SerializeToNode(manifest, WritingOptions)!.AsObject();
        foreach (var (name, value) in node.ToList())
        {
            if (value is JsonArray { Count: 0 })
            {
                node.Remove(name);
            }
        }

        return node.ToJsonString(WritingOptions) + "\n";
    }

    /// <summary>A layer as <c>model.json</c> names it.</summary>
    public static JsonElement Element(LayerManifest layer) => JsonSerializer.SerializeToElement(layer, Options);

    /// <summary>Layers as the line that names them in <c>model.json</c>.</summary>
    public static string Line(IReadOnlyList<LayerManifest> layers) => JsonSerializer.Serialize(layers, Options);

    sealed class LowerCase : JsonNamingPolicy
    {
        public static LowerCase Policy { get; } = new();

        public override string ConvertName(string name) => name.ToLowerInvariant();
    }
}
