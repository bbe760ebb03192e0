using System.Numerics.Tensors;
using Rnn.Engine.Numerics;

namespace Rnn.Engine.Codecs;

/// <summary>Classes with labels, or the next token: softmax of the logits.</summary>
/// <param name="labels">The text of each class or token.</param>
/// <param name="isNormalised">Whether the network's last layer is a softmax already, so that its output is not logits.</param>
public abstract class DistributionHead(IReadOnlyList<string> labels, bool isNormalised) : OutputHead
{
    /// <summary>The text of each class or token, by index.</summary>
    public IReadOnlyList<string> Labels => labels;

    /// <inheritdoc/>
    public override int Size => labels.Count;

    /// <inheritdoc/>
    public override Output Decode(ReadOnlySpan<float> raw, int top)
    {
        var probabilities = new float[raw.Length];
        Normalise(raw, probabilities);

        return new Distribution([.. probabilities.Index()
            .OrderByDescending(item => item.Item)             // stable: ties go to the lower index
            .Take(top)
            .Select(item => new Candidate(item.Index, labels[item.Index], item.Item))], probabilities);
    }

    /// <summary>The probabilities of an output, [O]; in place if both are the same.</summary>
    public void Normalise(ReadOnlySpan<float> raw, Span<float> probabilities)
    {
        if (isNormalised)
        {
            raw.CopyTo(probabilities);
        }
        else
        {
            Softmax(raw, probabilities);
        }
    }

    /// <summary>The probabilities of logits, [O]; in place if both are the same. Those of negative infinity are 0.</summary>
    public static void Softmax(ReadOnlySpan<float> logits, Span<float> probabilities) => Activation.SoftmaxOf(logits, probabilities);

    /// <summary>
    /// The logits of an output, [O]: the output itself, or the log-probabilities if it is normalised, as the logits before a
    /// softmax are known up to a constant only.
    /// </summary>
    /// <param name="raw">The network's output.</param>
    /// <param name="logits">Not the same memory.</param>
    public void Logits(ReadOnlySpan<float> raw, Span<float> logits)
    {
        if (isNormalised)
        {
            LogProbabilities(raw, logits);
        }
        else
        {
            raw.CopyTo(logits);
        }
    }

    /// <summary>
    /// The natural logarithms of the probabilities of an output, [O]:
    /// <code>
    /// log p_i = x_i - max x + log max p
    /// </code>
    /// which is log softmax without the logarithm of a probability that float32 rounds to 0. Always finite: a 0 from a model that
    /// ends in a softmax counts as 2^-149, the least that float32 holds.
    /// </summary>
    /// <param name="raw">The network's output.</param>
    /// <param name="logs">Not the same memory.</param>
    public void LogProbabilities(ReadOnlySpan<float> raw, Span<float> logs)
    {
        if (isNormalised)
        {
            TensorPrimitives.Max(raw, float.Epsilon, logs);
            TensorPrimitives.Log(logs, logs);
        }
        else
        {
            Activation.SoftmaxOf(raw, logs);
            var highest = MathF.Log(TensorPrimitives.Max<float>(logs));
            TensorPrimitives.Subtract(raw, TensorPrimitives.Max(raw), logs);
            TensorPrimitives.Add(logs, highest, logs);
            TensorPrimitives.Max(logs, float.MinValue, logs);
        }
    }
}

/// <summary>Classes with labels.</summary>
/// <inheritdoc cref="DistributionHead" path="/param"/>
public sealed class ClassHead(IReadOnlyList<string> labels, bool isNormalised) : DistributionHead(labels, isNormalised);

/// <summary>The distribution of the token that comes next.</summary>
/// <inheritdoc cref="DistributionHead" path="/param"/>
public sealed class NextTokenHead(IReadOnlyList<string> labels, bool isNormalised) : DistributionHead(labels, isNormalised);
