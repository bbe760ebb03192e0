using Rnn.Engine;
using Rnn.Engine.Models;

namespace Rnn.Api;

/// <summary>Has the models follow their folder, if they are to.</summary>
sealed partial class ModelPoll(ModelCatalog models, ModelOptions options, TimeProvider time, ILogger<ModelPoll> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Control != ModelControl.Poll)
        {
            return;
        }

        using var timer = new PeriodicTimer(options.PollInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await LookAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The process ends.
        }
    }

    async Task LookAsync(CancellationToken stopping)
    {
        try
        {
            await models.FollowAsync(stopping);
        }
        catch (Exception exception) when (exception is EngineException or IOException or UnauthorizedAccessException)
        {
            NotSeen(log, exception.Message);               // what is served stays, and the next look may see more
        }
    }

    [LoggerMessage(1006, LogLevel.Warning, "The model folder can't be looked at: {Reason}", EventName = "ModelFolderUnread")]
    static partial void NotSeen(ILogger logger, string reason);
}
