namespace Rnn.Engine.Monitoring;

/// <summary>What came against what had been predicted.</summary>
/// <param name="Residuals">What came less the prediction, of each target in the user's unit; null where nothing came.</param>
/// <param name="Deviations">The running standard deviation of these, this one included; null where there are too few.</param>
/// <param name="Surprisal">-ln p of what came, in nats, with the density p of the scaled values, summed over the targets; null if too little is known yet.</param>
/// <param name="Anomaly">
/// The calibrated anomaly score, 0 to 1: above 1 - q in a share q of the timesteps, as long as the stream is as it was. Null if too
/// little is known yet.
/// </param>
public sealed record Comparison(double?[] Residuals, double?[] Deviations, double? Surprisal, double? Anomaly);
