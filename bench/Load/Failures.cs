using Rnn.Bench.Load.Http;

namespace Rnn.Bench.Load;

/// <summary>Counts what went wrong, during warm-up too, and keeps the first.</summary>
sealed class Failures
{
    readonly Lock _lock = new();
    string? _first;

    public int Count { get; private set; }

    public void Add(ReplyReader reply) => Add(_first is null ? $"{reply.Status} {reply.ErrorBody}" : "");

    public void Add(string what)
    {
        lock (_lock)
        {
            _first ??= what;
            Count++;
        }
    }

    /// <summary>Writes the first one, if any, to stderr.</summary>
    public bool Tell()
    {
        if (Count > 0)
        {
            Console.Error.WriteLine($"{Count} errors, the first: {_first}");
        }

        return Count > 0;
    }
}
