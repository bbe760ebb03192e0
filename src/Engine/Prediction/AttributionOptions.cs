namespace Rnn.Engine.Prediction;

/// <summary>Which output to attribute to the inputs.</summary>
/// <param name="Label">The label, or the token's text.</param>
/// <param name="Output">Or the index of the output; if neither is given, that of the most probable one, or of the first value.</param>
/// <param name="Timestep">Of the call, from 0; null for the last.</param>
public sealed record AttributionOptions(string? Label, int? Output, int? Timestep);
