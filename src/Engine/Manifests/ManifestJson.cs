using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Rnn.Engine.Numerics;

namespace Rnn.Engine.Manifests;

/// <summary>How <c>model.json</c> is read: camelCase, nothing twice, nothing unknown, <c>kind</c> anywhere in its object.</summary>
static class ManifestJson
{
    // By reflection: generated code sets a missing init-only property to default(T) instead of its own default.
    public static JsonSerializerOptions Options { get; } = new()
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
            new JsonStringEnumConverter<ActivationKind>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false),
            new JsonStringEnumConverter<Direction>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false),
            new JsonStringEnumConverter<Merge>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false),
            new JsonStringEnumConverter<Precision>(namingPolicy: null, allowIntegerValues: false),
        },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };
}
