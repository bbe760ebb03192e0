using Rnn.Engine;

namespace Rnn.Api.OpenInference;

/// <summary>The model that a route names, with or without a version.</summary>
/// <param name="Model">Its name.</param>
/// <param name="Version">Its version as it was given; null for the highest.</param>
readonly record struct ModelPath(string Model, string? Version)
{
    /// <summary>Reads it from the route, whose two forms share their handlers.</summary>
    public static ValueTask<ModelPath> BindAsync(HttpContext http) =>
        new(new ModelPath((string)http.GetRouteValue("model")!, http.GetRouteValue("version") as string));

    /// <summary>The model.</summary>
    /// <exception cref="EngineException">It is not served.</exception>
    public ModelTensors Get(InferenceEngine engine) => ModelTensors.Get(engine.Models, Model, Version);
}
