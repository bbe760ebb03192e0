using Rnn.Engine.Forecasting;
using Rnn.Engine.Models;
using Rnn.Engine.Sessions;

namespace Rnn.Engine;

/// <summary>What came of a <see cref="ForecastPlan"/>.</summary>
/// <param name="Model">The model that ran.</param>
/// <param name="Session">The session that was gone on from, as it is; null on a stateless call.</param>
/// <param name="Forecasts">Of each series, in their order.</param>
public sealed record ForecastResult(RecurrentModel Model, SessionRecord? Session, IReadOnlyList<Forecast> Forecasts);
