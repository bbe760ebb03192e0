using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Models;
using Rnn.Engine.Scheduling;

namespace Rnn.Engine.Prediction;

/// <summary>The ways to generate tokens: one text, several, or the most probable.</summary>
static class TokenUnrolling
{
    /// <summary>The one that the options ask for.</summary>
    /// <inheritdoc cref="TokenGeneration" path="/param"/>
    /// <exception cref="EngineException">A token is unknown, or no text can match the pattern.</exception>
    public static Unrolling Of(
        RecurrentModel model, StepBatcher batcher, RecurrentState state, InputSequence prompt, bool beginsText, GenerationOptions options,
        TraceRecorder? recorder, int history)
    {
        var rules = TokenRules.Of(model, options, beginsText);
        return options.Choice.Echo && !beginsText && prompt.Length > 0
            ? new Echo(
                model, (IStepRunner?)recorder ?? batcher, state, prompt, options.Choice,
                after => Generation(model, batcher, after, prompt, beginsText, isPromptRead: true, options, rules, recorder, history: 0), history)
            {
                Recorder = recorder,
            }
            : Generation(model, batcher, state, prompt, beginsText, isPromptRead: false, options, rules, recorder, history);
    }

    static Unrolling Generation(
        RecurrentModel model, StepBatcher batcher, RecurrentState state, InputSequence prompt, bool beginsText, bool isPromptRead,
        GenerationOptions options, TokenRules rules, TraceRecorder? recorder, int history) => options.Choice switch
        {
            { Beams: not null } =>
                new BeamSearch(model, batcher, state, prompt, beginsText, options, rules, history) { IsPromptRead = isPromptRead },
            { Sequences: > 1 } =>
                new DrawnChoices(model, batcher, state, prompt, beginsText, options, rules, history) { IsPromptRead = isPromptRead },
            _ => new TokenGeneration(model, (IStepRunner?)recorder ?? batcher, state, prompt, beginsText, options, rules, history)
            {
                IsPromptRead = isPromptRead,
                Recorder = recorder,
            },
        };
}
