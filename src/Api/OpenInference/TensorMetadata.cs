namespace Rnn.Api.OpenInference;

/// <summary>What a model says of one of its tensors.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Datatype">Its datatype.</param>
/// <param name="Shape">The length of each dimension; -1 for one that varies.</param>
sealed record TensorMetadata(string Name, Datatype Datatype, IReadOnlyList<long> Shape);
