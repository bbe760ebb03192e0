using System.Text.Json;

namespace Rnn.Engine.Formats.Keras;

/// <summary>One layer of a Keras configuration.</summary>
/// <param name="File">The file's name, for messages.</param>
/// <param name="ClassName">Its class, such as <c>LSTM</c>.</param>
/// <param name="Config">What it was made with.</param>
/// <param name="Version">The major version of the Keras that wrote it.</param>
sealed record KerasLayer(string File, string ClassName, JsonElement Config, int Version)
{
    /// <summary>Its name; that of its class if it has none.</summary>
    public string Name => Text("name") ?? ClassName;

    /// <summary>A layer as a configuration holds it: <c>{ "class_name": ..., "config": { ... } }</c>.</summary>
    /// <exception cref="EngineException">It is none, or of a module that is not Keras's own.</exception>
    public static KerasLayer Of(string file, JsonElement layer, int version)
    {
        if (layer.ValueKind != JsonValueKind.Object
            || !layer.TryGetProperty("class_name", out var name) || name.ValueKind != JsonValueKind.String
            || !layer.TryGetProperty("config", out var config) || config.ValueKind != JsonValueKind.Object)
        {
            throw EngineException.Model($"{file}: its configuration has a layer without 'class_name' and 'config'.");
        }

        var result = new KerasLayer(file, name.GetString()!, config, version);
        var isKeras = !layer.TryGetProperty("module", out var module) || module.ValueKind != JsonValueKind.String
            || module.GetString()!.Split('.')[0] is "keras" or "tf_keras" or "builtins" or "";
        if (!isKeras)
        {
            throw result.Refuse($"is of the module '{module.GetString()}', which is not Keras's own");
        }

        // A class that somebody registered may be called LSTM.
        return layer.TryGetProperty("registered_name", out var registered) && registered.ValueKind == JsonValueKind.String
            && registered.GetString() is { } text && text.Contains('>', StringComparison.Ordinal) && !text.StartsWith("keras>", StringComparison.OrdinalIgnoreCase)
            ? throw result.Refuse($"is the class '{text}', which is not Keras's own")
            : result;
    }

    /// <summary>The layer that a wrapper holds.</summary>
    public KerasLayer Inner(string property) => Config.TryGetProperty(property, out var inner)
        ? Of(File, inner, Version)
        : throw Refuse($"has no '{property}'");

    /// <summary>A whole number of the configuration, under the first of its names that is there.</summary>
    public int Integer(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (Config.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number > 0)
            {
                return number;
            }
        }

        throw Refuse($"has no '{names[0]}' of 1 or more");
    }

    /// <summary>A number of the configuration; null if it says none.</summary>
    public float? Number(string name)
    {
        if (!Config.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        // Keras 2 may write { "type": "ndarray", "value": 6.0 }.
        value = value.ValueKind == JsonValueKind.Object && value.TryGetProperty("value", out var inner) ? inner : value;
        return value.ValueKind == JsonValueKind.Number && value.TryGetSingle(out var number) && float.IsFinite(number)
            ? number
            : throw Refuse($"has a '{name}' that is no number");
    }

    /// <summary>A flag of the configuration.</summary>
    public bool Flag(string name, bool otherwise) =>
        Config.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : otherwise;

    /// <summary>A text of the configuration.</summary>
    public string? Text(string name) =>
        Config.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>Why the layer can't be read.</summary>
    public EngineException Refuse(string why) => EngineException.Model($"{File}: layer '{Name}' ({ClassName}) {why}.");
}
