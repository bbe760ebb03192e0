using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Rnn.Engine;
using Rnn.Engine.Manifests;

namespace Rnn.OnnxRuntime;

/// <summary>Which tensors of a graph are the timesteps, the output, the states and the constants.</summary>
sealed record GraphWiring
{
    public required string Input { get; init; }

    public required string Output { get; init; }

    public required IReadOnlyList<StateTensor> States { get; init; }

    /// <summary>Whether the input is tokens.</summary>
    public required bool TakesTokens { get; init; }

    /// <summary>The shape of the input for one sequence and one timestep.</summary>
    public required long[] InputShape { get; init; }

    /// <summary>The axis of the input along which sequences lie; null if there can be only one.</summary>
    public required int? BatchAxis { get; init; }

    /// <summary>Finds the wiring of a graph.</summary>
    /// <param name="file">The file's name, for messages.</param>
    /// <param name="session">The graph.</param>
    /// <param name="graph">What the manifest says of it.</param>
    /// <exception cref="EngineException">It says too little, or what the graph has not.</exception>
    public static GraphWiring Of(string file, InferenceSession session, GraphManifest graph)
    {
        if (graph.States.Count == 0)
        {
            throw GraphProposal.Missing(file, session);
        }

        var states = graph.States.Select(state => State(file, session, state)).ToList();
        var input = graph.Input ?? Only(
            file, "input", session.InputMetadata.Keys.Except(states.Select(state => state.Input)).Except(graph.Constants.Keys));
        var output = graph.Output ?? Only(file, "output", session.OutputMetadata.Keys.Except(states.Select(state => state.Output)));
        var metadata = Find(file, "input", input, session.InputMetadata);
        Find(file, "output", output, session.OutputMetadata);
        var rest = session.InputMetadata.Keys.Except(states.Select(state => state.Input)).Except(graph.Constants.Keys).Except([input]).ToList();
        if (rest.Count > 0)
        {
            throw EngineException.Model($"{file}: the graph has inputs that nothing is known of: {string.Join(", ", rest)}. Add them to graph.constants or graph.states in model.json.");
        }

        var takesTokens = metadata.ElementDataType is TensorElementType.Int64 or TensorElementType.Int32;
        if (!takesTokens && metadata.ElementDataType != TensorElementType.Float)
        {
            throw EngineException.Model($"{file}: input '{input}' is of type {metadata.ElementDataType}; float, int64 and int32 are fed.");
        }

        var (shape, batchAxis) = Shape(file, input, metadata, takesTokens, graph);
        var canBatch = batchAxis is not null && states.TrueForAll(state => state.BatchAxis is not null);
        return new GraphWiring
        {
            Input = input,
            Output = output,
            States = canBatch ? states : [.. states.Select(state => state with { BatchAxis = null })],
            TakesTokens = takesTokens,
            InputShape = shape,
            BatchAxis = canBatch ? batchAxis : null,
        };
    }

    static StateTensor State(string file, InferenceSession session, GraphState state)
    {
        var input = Find(file, "input", state.Input, session.InputMetadata);
        var output = Find(file, "output", state.Output, session.OutputMetadata);
        if (input.ElementDataType != TensorElementType.Float || output.ElementDataType != TensorElementType.Float || !GraphProposal.Fit(input, output))
        {
            throw EngineException.Model(
                $"{file}: state '{state.Input}' is {GraphProposal.Describe(input)} and '{state.Output}' is {GraphProposal.Describe(output)}; both must be float and of one shape.");
        }

        var dynamic = input.Dimensions.Index().Where(dimension => dimension.Item <= 0).Select(dimension => dimension.Index).ToList();
        return dynamic.Count <= 1
            ? new StateTensor(state.Input, state.Output, [.. input.Dimensions.Select(size => (long)Math.Max(1, size))], dynamic is [var axis] ? axis : null)
            : throw EngineException.Model($"{file}: state '{state.Input}' is {GraphProposal.Describe(input)}; only the length of the batch may be left open.");
    }

    /// <summary>The shape of one timestep of one sequence: the last axis is the vector, open ones before it are batch and time.</summary>
    static (long[] Shape, int? BatchAxis) Shape(string file, string name, NodeMetadata input, bool takesTokens, GraphManifest graph)
    {
        var axes = takesTokens ? input.Dimensions : input.Dimensions[..^Math.Min(1, input.Dimensions.Length)];
        if (axes.Length > 2 || axes.Any(size => size > 1) || (!takesTokens && input.Dimensions.Length == 0))
        {
            throw EngineException.Model($"{file}: input '{name}' is {GraphProposal.Describe(input)}; one timestep at a time is fed, as [batch, values] or with a time axis before the values.");
        }

        // With one timestep and one sequence the order of batch and time does not matter; with more it must be told by one of them.
        var open = axes.Index().Where(axis => axis.Item <= 0).Select(axis => axis.Index).ToList();
        int? batchAxis = open is [var axis] && axes.Length - open.Count <= 1 ? axis : null;
        if (takesTokens)
        {
            return ([.. axes.Select(_ => 1L)], axes.Length == 1 ? batchAxis : null);
        }

        var width = input.Dimensions[^1] > 0 ? input.Dimensions[^1] : (graph.Width ?? 0) + (graph.Width is null ? 0 : graph.Context);
        return width > graph.Context && (graph.Width is null || graph.Width == width - graph.Context)
            ? ([.. axes.Select(_ => 1L), width], axes.Length == 1 ? batchAxis : null)
            : throw EngineException.Model(
                $"{file}: input '{name}' is {GraphProposal.Describe(input)}; say in model.json how many values a timestep has: \"graph\": {{ \"width\": ... }}, without the context of {graph.Context}.");
    }

    static NodeMetadata Find(string file, string kind, string name, IReadOnlyDictionary<string, NodeMetadata> tensors) =>
        tensors.TryGetValue(name, out var metadata) && metadata.IsTensor
            ? metadata
            : throw EngineException.Model($"{file}: the graph has no {kind} '{name}'; it has {string.Join(", ", tensors.Keys)}.");

    static string Only(string file, string kind, IEnumerable<string> names) => names.ToList() switch
    {
        [var only] => only,
        [] => throw EngineException.Model($"{file}: the graph has no {kind} besides its states."),
        var several => throw EngineException.Model($"{file}: which {kind} is meant? Add to model.json: \"graph\": {{ \"{kind}\": \"{several[0]}\" }}; there are {string.Join(", ", several)}."),
    };
}
