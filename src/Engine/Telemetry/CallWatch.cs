using System.Diagnostics;
using System.Text.Json;

namespace Rnn.Engine.Telemetry;

/// <summary>One call as meters and traces see it: from when it comes until it is over.</summary>
/// <param name="metrics">The meters.</param>
/// <param name="isGeneration">Whether it generates.</param>
sealed class CallWatch(EngineMetrics metrics, bool isGeneration)
{
    readonly long _began = Stopwatch.GetTimestamp();
    readonly Activity? _span = EngineTracing.Source.StartActivity(EngineTracing.Call);
    ModelMetrics? _model;
    long _tokens;
    bool _hasTold;
    bool _isOver;

    /// <summary>The model is known.</summary>
    public void Runs(string name, int version)
    {
        _model?.Over();
        _model = metrics.Of(name, version);
        _model.Began();
    }

    /// <summary>What follows in this method, and is called from it, is part of the call's span.</summary>
    public void Enter()
    {
        if (_span is not null)
        {
            Activity.Current = _span;
        }
    }

    /// <summary>A timestep is there to be told.</summary>
    public void Told(bool isToken)
    {
        if (!isGeneration)
        {
            return;
        }

        if (!_hasTold)
        {
            _hasTold = true;
            _model!.ToldFirst(_began);
        }

        _tokens += isToken ? 1 : 0;
    }

    /// <summary>It could not be carried out.</summary>
    public void Failed(Exception exception)
    {
        var kind = KindOf(exception);
        metrics.Failed(kind, _model);
        _span?.SetTag("error.type", kind).SetStatus(ActivityStatusCode.Error);
    }

    /// <summary>The name of what went wrong, as in docs/errors.md.</summary>
    public static string KindOf(Exception exception) => exception switch
    {
        EngineException refused => JsonNamingPolicy.KebabCaseLower.ConvertName(refused.Kind.ToString()),
        OperationCanceledException => "cancelled",
        _ => "internal",
    };

    /// <summary>It is over, however it went.</summary>
    /// <param name="steps">How many timesteps it has told.</param>
    /// <param name="isReplay">Whether it was told an answer given before.</param>
    public void End(long steps = 0, bool isReplay = false)
    {
        if (_isOver)
        {
            return;
        }

        _isOver = true;
        _model?.Answered(_began, _tokens, isReplay);
        _model?.Over();
        if (_span is not null)
        {
            foreach (var (key, value) in _model?.Tags ?? [])
            {
                _span.SetTag(key, value);
            }

            _span.SetTag("rnn.steps", steps).Stop();
        }
    }
}
