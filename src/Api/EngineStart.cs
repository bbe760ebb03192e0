using Rnn.Api.Observability;
using Rnn.Engine.Models;

namespace Rnn.Api;

/// <summary>Loads the models before the first request is taken, and has it said which can't be served.</summary>
sealed class EngineStart(IServiceProvider services, ModelLog log) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        log.Follow(services.GetRequiredService<ModelCatalog>());
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
