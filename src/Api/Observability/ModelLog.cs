using Rnn.Engine.Models;

namespace Rnn.Api.Observability;

/// <summary>Tells of the models: what is served, how well it was checked, what was refused and why, what is gone.</summary>
sealed partial class ModelLog(ILogger<ModelLog> log)
{
    /// <summary>Tells what is there now, and from now on what changes.</summary>
    public void Follow(ModelCatalog models)
    {
        models.Changed += Tell;
        foreach (var status in models.Index)
        {
            Tell(status, status.Version is { } version ? models.Find(status.Name, version) : null);
        }
    }

    void Tell(ModelStatus status, RecurrentModel? model)
    {
        switch (status, model)
        {
            case ({ Reason: { } reason }, null):
                Refused(log, reason);
                break;
            case ({ Reason: { } reason }, _):
                Kept(log, reason);
                break;
            case (_, null):
                Gone(log, status.Name, status.Version);
                break;
            case (_, { ExampleError: { } deviation }):
                Verified(log, model.Name, model.Version, model.Format, model.ParameterCount, model.Manifest.Examples.Count, deviation);
                break;
            default:
                Loaded(log, model.Name, model.Version, model.Format, model.ParameterCount);
                break;
        }

        if (status.Reason is null && model?.PrecisionError is { } error)
        {
            Rounded(log, model.Name, model.Version, model.Manifest.Precision.ToString().ToLowerInvariant(), error);
        }
    }

    [LoggerMessage(1000, LogLevel.Error, "Not served: {Reason}", EventName = "ModelRefused")]
    static partial void Refused(ILogger logger, string reason);

    [LoggerMessage(1004, LogLevel.Error, "Not served, and what was served before still is: {Reason}", EventName = "ModelKept")]
    static partial void Kept(ILogger logger, string reason);

    [LoggerMessage(1005, LogLevel.Information, "Model {Model} version {Version} is no longer served", EventName = "ModelGone")]
    static partial void Gone(ILogger logger, string model, int? version);

    [LoggerMessage(1001, LogLevel.Information, "Model {Model} version {Version} ({Format}): {Parameters} parameters, {Examples} examples reproduced, off by at most {Error}", EventName = "ModelVerified")]
    static partial void Verified(ILogger logger, string model, int version, string format, long parameters, int examples, float error);

    [LoggerMessage(1002, LogLevel.Information, "Model {Model} version {Version} ({Format}): {Parameters} parameters, no examples to reproduce", EventName = "ModelLoaded")]
    static partial void Loaded(ILogger logger, string model, int version, string format, long parameters);

    [LoggerMessage(1003, LogLevel.Information, "Model {Model} version {Version} runs in {Precision}: outputs of its examples are off by at most {Error} from float32's", EventName = "ModelRounded")]
    static partial void Rounded(ILogger logger, string model, int version, string precision, float error);
}
