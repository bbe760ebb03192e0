using System.Text.Json;
using System.Text.Json.Serialization;

namespace Rnn.Engine.Models;

/// <summary>How <c>model.json</c> is read: camelCase, nothing twice, nothing unknown, kind anywhere in its object.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    AllowOutOfOrderMetadataProperties = true,
    RespectNullableAnnotations = true,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true,
    Converters = [typeof(KebabCaseEnumConverter)])]
[JsonSerializable(typeof(ModelManifest))]
sealed partial class ManifestJson : JsonSerializerContext;

/// <summary>Names of enum values in lower case, as everything else that <c>model.json</c> names.</summary>
sealed class KebabCaseEnumConverter() : JsonStringEnumConverter<Numerics.Activation>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false);
