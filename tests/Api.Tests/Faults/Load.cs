namespace Rnn.Api.Tests.Faults;

/// <summary>Clients that step sessions until they are told to end.</summary>
sealed class Load : IDisposable
{
    // Inputs below 10 in so many steps stay within what float32 holds exactly.
    const int MaxSteps = 1_500;

    readonly ChainClient _client;
    readonly CancellationTokenSource _ended = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    readonly Task _stepping;

    /// <param name="client">How to step.</param>
    /// <param name="sessions">What to step.</param>
    /// <param name="clients">How many do so at once; some share a session if there are more.</param>
    public Load(ChainClient client, IReadOnlyList<History> sessions, int clients)
    {
        _client = client;
        _stepping = Task.WhenAll(Enumerable.Range(0, clients).Select(number => StepAsync(sessions[number % sessions.Count])));
    }

    /// <summary>Returns when so many more steps are answered.</summary>
    public async Task WhenSteppedAsync(int steps)
    {
        var goal = _client.Acknowledged + steps;
        await _client.WhenAcknowledgedAsync(goal, _stepping);
        if (_client.Acknowledged < goal)
        {
            await _stepping;
            Assert.Fail($"The clients have ended: {_client.Figures}.");
        }
    }

    /// <summary>Lets each client finish the step it is at.</summary>
    public async Task EndAsync()
    {
        await _ended.CancelAsync();
        await _stepping;
    }

    public void Dispose()
    {
        _ended.Cancel();
        _ended.Dispose();
    }

    async Task StepAsync(History session)
    {
        while (!_ended.IsCancellationRequested && session.Count < MaxSteps)
        {
            await _client.StepAsync(session, Random.Shared.Next(10));
        }
    }
}
