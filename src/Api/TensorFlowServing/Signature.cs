using Rnn.Engine.Codecs;
using Rnn.Engine.Models;
using Rnn.Engine.Prediction;

namespace Rnn.Api.TensorFlowServing;

/// <summary>One way to run a model on whole sequences: what it reads, and the tensors that it tells.</summary>
/// <param name="Name">What requests call it.</param>
/// <param name="Readout">At which timesteps it tells an output.</param>
/// <param name="Reads">The input.</param>
/// <param name="Tells">What it tells of a timestep.</param>
sealed record Signature(string Name, Readout Readout, TensorInfo Reads, IReadOnlyList<OutputTensor> Tells)
{
    /// <summary>The name of the one input.</summary>
    public const string Input = "input";

    /// <summary>The signature of requests that name none: the output of the last timestep.</summary>
    public const string Default = "serving_default";

    /// <summary>The signature of the output of every timestep.</summary>
    public const string Sequence = "sequence";

    /// <summary>The sizes before those of a timestep's output: the batch, and the timesteps if all are told.</summary>
    public IReadOnlyList<int> OuterShape => Readout == Readout.All ? [-1, -1] : [-1];

    /// <summary>What a model offers. None of an encoder-decoder, which generates and does not predict.</summary>
    public static IReadOnlyList<Signature> Of(RecurrentModel model)
    {
        if (model.Encoder is not null)
        {
            return [];
        }

        var (reads, tells) = (InputOf(model.Input), OutputTensor.Of(model.Output));
        Signature last = new(Default, Readout.Last, reads, tells);
        return model.ReadsLastOnly ? [last] : [last, new(Sequence, Readout.All, reads, tells)];
    }

    static TensorInfo InputOf(InputCodec codec) => codec switch
    {
        FeatureCodec features => TensorInfo.Of("DT_FLOAT", Input, -1, -1, features.Features.Count),
        TokenIndexCodec => TensorInfo.Of("DT_INT32", Input, -1, -1),
        _ => TensorInfo.Of("DT_STRING", Input, -1),
    };
}
