using System.Globalization;
using System.Text;
using CsCheck;

namespace Rnn.Api.Tests.Fuzz;

/// <summary>Sends requests one after the other and keeps what was wrong with the answers.</summary>
/// <param name="contract">What the answers must be like.</param>
/// <param name="send">Sends a request; cancelled if it is not answered to the end.</param>
/// <param name="log">The log of who answers.</param>
sealed class FuzzRun(Contract contract, Func<WireRequest, Task<Reply>> send, LogWatch log)
{
    const int MostTold = 20;
    const int MostShown = 2_000;
    const int KindLength = 60;

    readonly Dictionary<(string Operation, int Status), int> _answers = [];
    readonly Dictionary<string, string> _faults = [];      // by operation and kind, so that one fault does not hide the others

    /// <summary>What was answered.</summary>
    public HashSet<int> Statuses => [.. _answers.Keys.Select(answer => answer.Status)];

    /// <summary>How many requests a run sends, from RNN_FUZZ.</summary>
    public static int Count { get; } = Number("RNN_FUZZ", 2_000);

    /// <summary>What a run draws from, from RNN_FUZZ_SEED: the same seed, the same requests.</summary>
    public static uint Seed { get; } = (uint)Number("RNN_FUZZ_SEED", 1);

    /// <summary>Sends a request, and keeps what was wrong with the answer.</summary>
    /// <param name="request">The request.</param>
    /// <param name="name">Where it comes from.</param>
    public async Task SendAsync(WireRequest request, string name)
    {
        var operation = contract.Find(request.Method, request.Path);
        var fault = await FaultOfAsync(request, operation);
        if (log.Take() is { } logged)
        {
            fault = $"{fault ?? "the log has an error"}\n  {logged}";
        }

        if (fault is not null)
        {
            _faults.TryAdd($"{operation?.Id ?? request.Method}: {fault.AsSpan(0, Math.Min(fault.Length, KindLength))}", $"{name}, {operation?.ToString() ?? "no operation"}: {fault}\n  {request.Curl()}");
        }
    }

    public async Task SendAsync(IEnumerable<WireRequest> requests)
    {
        foreach (var request in requests)
        {
            await SendAsync(request, "docs/http");
        }
    }

    public async Task SendAsync(Gen<WireRequest> requests, int count)
    {
        for (var index = 0; index < count; index++)
        {
            await SendAsync(requests.Generate(new PCG((uint)index, Seed), null, out _), $"RNN_FUZZ_SEED={Seed}, request {index}");
        }
    }

    /// <summary>What was wrong.</summary>
    public IReadOnlyCollection<string> Faults => _faults.Values;

    /// <summary>The operations that were never answered 2xx. A socket can't be by a plain request; SocketTests speak over it.</summary>
    public IReadOnlyList<string> NeverSucceeded =>
    [
        .. contract.Operations
            .Where(operation => !operation.IsSocket && !_answers.Keys.Any(answer => answer.Operation == operation.Id && answer.Status is >= 200 and < 300))
            .Select(operation => operation.ToString()),
    ];

    /// <summary>Nothing was wrong, and every operation was called and has succeeded.</summary>
    public void AssertFaultless()
    {
        Assert.True(_faults.Count == 0, $"{_faults.Count} kinds of fault:\n\n{string.Join("\n\n", _faults.Values.Take(MostTold))}");
        Assert.Empty(NeverSucceeded);
        Assert.Empty(contract.Operations.Where(operation => !_answers.Keys.Any(answer => answer.Operation == operation.Id)).Select(operation => operation.ToString()));
    }

    async Task<string?> FaultOfAsync(WireRequest request, Operation? operation)
    {
        Reply reply;
        try
        {
            reply = await send(request);
        }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            return "it was not answered";
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return $"it was answered by an exception\n  {exception}";
        }

        if (operation is not null)
        {
            _answers[(operation.Id, reply.Status)] = _answers.GetValueOrDefault((operation.Id, reply.Status)) + 1;
        }

        var fault = operation is not null ? ReplyCheck.FaultOf(operation, reply) : ReplyCheck.FaultOfNone(contract.Neighbours(request.Path), request, reply);
        return fault is null ? null : $"{fault}\n  {reply.Status} {reply.MediaType} {Encoding.UTF8.GetString(reply.Body.AsSpan(0, Math.Min(reply.Body.Length, MostShown)))}";
    }

    static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : otherwise;
}
