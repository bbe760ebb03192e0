using System.Globalization;
using System.Text.Json;

namespace Rnn.Engine.Formats.Keras;

/// <summary>The JSON of Keras's configurations.</summary>
static class KerasJson
{
    /// <exception cref="EngineException">It is no JSON, or too much of it.</exception>
    public static JsonDocument Parse(string file, ReadOnlyMemory<byte> json) => UntrustedJson.Parse(file, "its configuration", json, new() { AllowDuplicateProperties = false });

    /// <summary>Whether a configuration names modules but no version, as <c>model.to_json()</c> of Keras 3 gives it.</summary>
    public static bool HasModules(JsonElement config) => config.ValueKind == JsonValueKind.Object && config.TryGetProperty("module", out _);

    /// <summary>The major version that a configuration tells.</summary>
    public static int Version(JsonElement? config, int otherwise) =>
        config is { ValueKind: JsonValueKind.Object } element && element.TryGetProperty("keras_version", out var version) && version.ValueKind == JsonValueKind.String
            ? Major(version.GetString()!)
            : otherwise;

    /// <summary>The first number of a version such as <c>2.2.4-tf</c>.</summary>
    public static int Major(string version) =>
        int.TryParse(version.Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major) ? major : 2;
}
