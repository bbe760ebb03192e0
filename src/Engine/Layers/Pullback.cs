namespace Rnn.Engine.Layers;

/// <summary>
/// How the gradient of some output L goes back through one timestep of a layer, (x, state) -> (y, state'): the product with the transposed
/// Jacobian. Back-propagation through time (Werbos 1990) is one after the other, from the last timestep to the first.
/// </summary>
/// <param name="dy">dL/dy, [O].</param>
/// <param name="dState">dL/dstate' where L depends on what comes later; replaced by dL/dstate.</param>
/// <returns>dL/dx, [I].</returns>
public delegate float[] Pullback(ReadOnlySpan<float> dy, Span<float> dState);
