using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;

namespace Rnn.Engine.Scheduling;

/// <summary>What advances states: by themselves as soon as can be (<see cref="StepBatcher"/>), or several as one (<see cref="StepGroup"/>).</summary>
interface IStepRunner
{
    /// <inheritdoc cref="StepBatcher.RunAsync"/>
    Task RunAsync(RecurrentState state, InputSequence inputs, Memory<float> outputs, CancellationToken aborted);
}
