using Rnn.Engine.Models;

namespace Rnn.Engine.Sessions;

/// <summary>Runs the inputs that a session has kept through a model, from where the session began. Nothing is written.</summary>
/// <param name="session">The session.</param>
/// <param name="model">The model; it need not be the session's, nor its states be as large.</param>
/// <param name="aborted">Gives up.</param>
/// <returns>The session on that model, at the same step.</returns>
/// <exception cref="EngineException">It can't be replayed there.</exception>
delegate Task<SessionRecord> Replay(SessionRecord session, RecurrentModel model, CancellationToken aborted);
