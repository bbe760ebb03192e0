namespace Rnn.Engine.Prediction;

/// <summary>
/// How one of several generations came out. All tokens that were drawn count, those that ended it included: the end token, or those
/// of a stop string, which are not told.
/// </summary>
/// <param name="Finish">Why it ended.</param>
/// <param name="Seed">What draws it again, alone; null if it was not drawn.</param>
/// <param name="LogProbability">The sum of log p, natural, in the model's own distribution.</param>
/// <param name="Score">What it is ranked by: the log-probability over length^alpha, and alpha is 1 for what was drawn.</param>
public sealed record Choice(FinishReason Finish, ulong? Seed, double LogProbability, double Score);
