using Rnn.Engine.Manifests;

namespace Rnn.Engine.Models;

/// <summary>A graph that another runtime than the engine's layers computes.</summary>
/// <param name="Runtime">What computes it.</param>
/// <param name="Width">I, the width of a timestep's vector; null if it takes tokens.</param>
public sealed record LoadedGraph(ModelRuntime Runtime, int? Width);

/// <summary>Loads a graph.</summary>
/// <param name="file">The file's name, for messages.</param>
/// <param name="bytes">Its content.</param>
/// <param name="graph">How it keeps its state; null to find out.</param>
/// <exception cref="EngineException">It can't be used, or it can't be told how.</exception>
public delegate LoadedGraph GraphLoader(string file, ReadOnlyMemory<byte> bytes, GraphManifest? graph);
