using Rnn.Engine;
using Rnn.Engine.Models;

namespace Rnn.Api.OpenInference;

/// <summary>One output that a call wants, and how.</summary>
/// <param name="Tensor">The output; null for the state.</param>
/// <param name="Classes">How many classes to tell of it instead of its numbers; 0 for the numbers.</param>
sealed record OutputChoice(OutputTensor? Tensor, int Classes)
{
    /// <summary>How many numbers a timestep adds to a reply.</summary>
    public int Width => Tensor is null ? 0 : Math.Max(Tensor.Width, 1);

    /// <summary>The outputs that a call wants: all of the model if it names none.</summary>
    /// <exception cref="EngineException">The model has no such output, or not in that form.</exception>
    public static IReadOnlyList<OutputChoice> Of(RecurrentModel model, IReadOnlyList<RequestedOutput> requested)
    {
        var outputs = OutputTensor.Of(model.Output);
        if (requested is [])
        {
            return [.. outputs.Select(output => new OutputChoice(output, 0))];
        }

        if (requested.GroupBy(output => output.Name).FirstOrDefault(group => group.Count() > 1) is { Key: var twice })
        {
            throw EngineException.Input("/outputs", $"output '{twice}' already exists in request");
        }

        return [.. requested.Select((wanted, index) => Of(model, outputs, wanted, $"/outputs/{index}"))];
    }

    static OutputChoice Of(RecurrentModel model, IReadOnlyList<OutputTensor> outputs, RequestedOutput wanted, string pointer)
    {
        var output = outputs.FirstOrDefault(output => output.Name == wanted.Name);
        if (output is null && wanted.Name != StateTensor.Name)
        {
            throw EngineException.Input(
                pointer, $"unexpected inference output '{wanted.Name}' for model '{model.Name}': it has {string.Join(", ", outputs.Select(output => output.Name))}.");
        }

        var classes = wanted.Parameters.Count("classification") ?? 0;
        return classes == 0 || output is { Width: > 0 }
            ? new(output, (int)Math.Min(classes, int.MaxValue))
            : throw EngineException.Input(pointer, $"output '{wanted.Name}' holds no numbers to classify by");
    }
}
