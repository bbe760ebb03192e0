namespace Rnn.Engine.Weights;

/// <summary>A named array of weights, row-major, widened or narrowed to float32.</summary>
/// <param name="Name">The name in its file, such as <c>lstm.weight_ih_l0</c>.</param>
/// <param name="Shape">The length of each dimension.</param>
/// <param name="Values">As many values as the product of the shape.</param>
public sealed record Tensor(string Name, int[] Shape, float[] Values);
