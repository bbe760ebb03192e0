using System.Diagnostics;

namespace Rnn.Engine.Telemetry;

/// <summary>
/// The engine's spans: one for each call, and one for each tick in which a call takes part whose trace is recorded. Where nobody listens
/// none is made, and nothing is paid.
/// </summary>
public static class EngineTracing
{
    /// <summary>The name of the source.</summary>
    public const string SourceName = "Rnn.Engine";

    internal const string Call = "rnn.call";
    internal const string Tick = "rnn.tick";

    internal static ActivitySource Source { get; } = new(SourceName);

    internal static bool IsListenedTo => Source.HasListeners();

    /// <summary>Whose timesteps these are, if its trace is recorded.</summary>
    internal static ActivityContext Caller() =>
        IsListenedTo && Activity.Current is { Recorded: true } current ? current.Context : default;

    /// <summary>Begins the span of a tick: a child of the first caller's, linked to the others'.</summary>
    /// <param name="callers">Of all calls in the tick.</param>
    /// <param name="model">The labels of its model.</param>
    internal static Activity? BeginTick(IEnumerable<ActivityContext> callers, ModelMetrics model)
    {
        var recorded = callers.Where(caller => caller != default).ToList();
        return recorded is []
            ? null
            : Source.StartActivity(Tick, ActivityKind.Internal, recorded[0], model.Tags, recorded.Skip(1).Select(caller => new ActivityLink(caller)));
    }
}
