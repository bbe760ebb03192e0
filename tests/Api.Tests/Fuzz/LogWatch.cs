using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Rnn.Api.Tests.Fuzz;

/// <summary>Keeps what the host logs at Error and above: no request may lead to that.</summary>
sealed class LogWatch : ILoggerProvider, ILogger
{
    readonly ConcurrentQueue<string> _events = new();

    /// <summary>What was logged since the last call; null if nothing was.</summary>
    public string? Take()
    {
        string? text = null;
        while (_events.TryDequeue(out var next))
        {
            text = text is null ? next : $"{text}\n{next}";
        }

        return text;
    }

    public ILogger CreateLogger(string categoryName) => this;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            _events.Enqueue($"{formatter(state, exception)} {exception}");
        }
    }

    public void Dispose()
    {
    }
}
