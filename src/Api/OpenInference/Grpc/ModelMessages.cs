using Rnn.Api.OpenInference.Grpc.Wire;

namespace Rnn.Api.OpenInference.Grpc;

/// <summary>What is told of a model, as messages.</summary>
static class ModelMessages
{
    public static ModelMetadataResponse ToMetadata(this ModelTensors model, IEnumerable<ModelTensors> versions) => new()
    {
        Name = model.Model.Name,
        Versions = { versions.Select(version => version.Version) },
        Platform = ModelTensors.Platform,
        Inputs = { model.Inputs.Select(ToMessage) },
        Outputs = { model.Outputs.Select(ToMessage) },
        Properties = { model.Properties.ToDictionary() },
    };

    /// <param name="model">The model.</param>
    /// <param name="idle">How long a sequence lives after its last call.</param>
    public static ModelConfig ToConfig(this ModelTensors model, TimeSpan idle) => new()
    {
        Name = model.Model.Name,
        Platform = ModelTensors.Platform,
        Backend = ModelTensors.Platform,
        Input = { model.Inputs.Select(input => new ModelInput { Name = input.Name, DataType = ToMessage(input.Datatype), Dims = { input.Shape } }) },
        Output = { model.Outputs.Select(output => new ModelOutput { Name = output.Name, DataType = ToMessage(output.Datatype), Dims = { output.Shape } }) },
        SequenceBatching = model.Model is { IsCausal: true, Encoder: null }
            ? new ModelSequenceBatching { MaxSequenceIdleMicroseconds = (ulong)idle.TotalMicroseconds }
            : null,
    };

    public static Wire.ModelStatistics ToStatistics(this ModelTensors model, ModelCounts counts) => new()
    {
        Name = model.Model.Name,
        Version = model.Version,
        LastInference = (ulong)(counts.Last?.ToUnixTimeMilliseconds() ?? 0),
        InferenceCount = (ulong)counts.Sequences,
        ExecutionCount = (ulong)counts.Succeeded.Calls,
        InferenceStats = new InferStatistics { Success = ToMessage(counts.Succeeded), Fail = ToMessage(counts.Failed) },
    };

    public static RepositoryIndexResponse.Types.ModelIndex ToMessage(IndexEntry entry) =>
        new() { Name = entry.Name, Version = entry.Version, State = entry.State, Reason = entry.Reason };

    static ModelMetadataResponse.Types.TensorMetadata ToMessage(TensorMetadata tensor) =>
        new() { Name = tensor.Name, Datatype = tensor.Datatype.Name, Shape = { tensor.Shape } };

    static StatisticDuration ToMessage(Duration duration) => new() { Count = (ulong)duration.Calls, Ns = (ulong)duration.Took.TotalNanoseconds };

    // TYPE_FP32 of the file is TypeFp32 here.
    static DataType ToMessage(Datatype datatype) =>
        datatype == Datatype.Bytes ? DataType.TypeString : Enum.Parse<DataType>($"Type{datatype.Name}", ignoreCase: true);
}
