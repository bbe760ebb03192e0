using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Rnn.Engine;

namespace Rnn.OnnxRuntime;

/// <summary>
/// What a graph's states probably are, by their names and shapes. It is only ever proposed: a state that is not fed back is a model
/// that forgets, and nobody notices.
/// </summary>
static partial class GraphProposal
{
    /// <summary>Asks for the states, with the line to add.</summary>
    public static EngineException Missing(string file, InferenceSession session)
    {
        var pairs = Pairs(session);
        var tensors = $"It takes {List(session.InputMetadata)} and gives {List(session.OutputMetadata)}.";
        if (pairs.Count == 0)
        {
            return EngineException.Model($"{file}: which output becomes which input of the next timestep? {tensors} Add to model.json: \"graph\": {{ \"states\": [{{ \"input\": ..., \"output\": ... }}] }}.");
        }

        var others = session.InputMetadata.Where(input => pairs.All(pair => pair.Input != input.Key)).ToList();
        var constants = others
            .Where(input => others.Count > 1 && input.Value.Dimensions.All(size => size == 1))
            .ToDictionary(input => input.Key, _ => "the number it always gets");
        var graph = JsonSerializer.Serialize(constants.Count == 0
            ? (object)new { states = pairs.Select(pair => new { input = pair.Input, output = pair.Output }) }
            : new { states = pairs.Select(pair => new { input = pair.Input, output = pair.Output }), constants });
        return EngineException.Model($"{file}: its states must be named. {tensors} Confirm or mend this line and add it to model.json: \"graph\": {graph}");
    }

    /// <summary>Whether two tensors may have one shape.</summary>
    public static bool Fit(NodeMetadata input, NodeMetadata output) =>
        input.Dimensions.Length == output.Dimensions.Length
        && input.Dimensions.Zip(output.Dimensions).All(pair => pair.First <= 0 || pair.Second <= 0 || pair.First == pair.Second);

    /// <summary>A tensor's type and shape.</summary>
    public static string Describe(NodeMetadata tensor) =>
        $"{tensor.ElementDataType.ToString().ToLowerInvariant()} [{string.Join(", ", tensor.Dimensions.Select(size => size > 0 ? $"{size}" : "?"))}]";

    static List<(string Input, string Output)> Pairs(InferenceSession session) =>
    [
        .. from input in session.InputMetadata
           from output in session.OutputMetadata
           where input.Value.ElementDataType == TensorElementType.Float && output.Value.ElementDataType == TensorElementType.Float
           where Fit(input.Value, output.Value) && Stem(input.Key) is { Length: > 0 } stem && stem == Stem(output.Key)
           select (input.Key, output.Key),
    ];

    static string List(IReadOnlyDictionary<string, NodeMetadata> tensors) =>
        string.Join(", ", tensors.Select(tensor => $"{tensor.Key} ({Describe(tensor.Value)})"));

    /// <summary>A name without what tells old from new: state and stateN, h0 and hn, past_key and present_key.</summary>
    static string Stem(string name) => Marks().Replace(name, "").ToLowerInvariant().Trim('_', '.', '/');

    [GeneratedRegex("(?i)(^|_|\\.|/)(past|present|input|output|in|out|old|new|next|prev|previous|init|initial|0|n)(?=$|_|\\.|/)|(0|N|_in|_out|Out|In|(?<=^[hc])n)$")]
    private static partial Regex Marks();
}
