using Rnn.Engine.Manifests;

namespace Rnn.Engine.Models;

/// <summary>Loads a graph that another runtime than the engine's layers computes.</summary>
/// <param name="file">The file's name, for messages.</param>
/// <param name="bytes">Its content.</param>
/// <param name="graph">How it keeps its state; null to find out.</param>
/// <returns>What computes it, and what goes in if the manifest does not say.</returns>
/// <exception cref="EngineException">It can't be used, or it can't be told how.</exception>
public delegate (ModelRuntime Runtime, InputManifest Input) GraphLoader(string file, ReadOnlyMemory<byte> bytes, GraphManifest? graph);
