using Rnn.Api.Rest;
using Rnn.Engine;
using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Models;
using Rnn.Engine.Prediction;
using Rnn.Engine.Scheduling;
using Rnn.Engine.Sessions;

namespace Rnn.Api.OpenInference;

/// <summary>
/// Runs inferences of the Open Inference Protocol, whatever carries them: a batch of sequences side by side, each from the zero
/// state or a given one; or the next timesteps of a sequence, which is a session.
/// </summary>
sealed class TensorInference(
    InferenceEngine engine, StateForms states, RequestLimits limits, ServerOptions server, BatchOptions batching, InferenceStatistics statistics)
{
    /// <summary>Carries out a call. One that fails leaves its sequence where it was.</summary>
    /// <exception cref="EngineException">It can't be carried out.</exception>
    public async Task<InferReply> InferAsync(InferCall call, CancellationToken aborted)
    {
        var model = ModelTensors.Draw(engine.Models, call.Model, call.Version).Model;
        using var count = statistics.Count(model);
        if (model.Encoder is not null)
        {
            throw new EngineException(ErrorKind.NotSupported, $"Model '{model.Name}' is an encoder-decoder: it reads a source as a whole and tells another text. Post to its generate.");
        }

        var sequence = SequenceCall.Of(call, model);
        var choices = OutputChoice.Of(model, call.Outputs);
        var inputs = InputTensors.Read(model, call.Inputs);
        if (inputs.Count > server.MaxBatchInputs)
        {
            throw EngineException.Input("/inputs", $"The batch has {inputs.Count} sequences; at most {server.MaxBatchInputs} are taken (Server:MaxBatchInputs).");
        }

        var from = StateTensor.Read(call.Inputs, inputs.Count, states);
        var request = new InferenceRequest
        {
            Model = model.Name,
            Version = model.Version,
            Readout = ReadoutOf(call.Parameters, model),
            ReturnsState = choices.Any(choice => choice.Tensor is null),
            Top = 1,
        };
        engine.Admit(model, sequence is null ? inputs.Count : 1);
        var told = sequence is null
            ? await RunBatchAsync(call, request, choices, inputs, from, aborted)
            : await RunSequenceAsync(call, sequence, model, request, inputs, from, aborted);
        count.Succeed(inputs.Count);
        return told;
    }

    static Readout ReadoutOf(Parameters parameters, RecurrentModel model) => parameters.Text("return") switch
    {
        null => model.ReadsLastOnly ? Readout.Last : Readout.All,
        "last" => Readout.Last,
        "all" => Readout.All,
        _ => throw Parameters.Unreadable("return", "\"last\" or \"all\""),
    };

    async Task<InferReply> RunBatchAsync(
        InferCall call,
        InferenceRequest request,
        IReadOnlyList<OutputChoice> choices,
        IReadOnlyList<ModelInput> inputs,
        IReadOnlyList<Func<StateLayout, RecurrentState>>? from,
        CancellationToken aborted)
    {
        var told = new (RecurrentModel Model, List<Output> Outputs, RecurrentState State)[inputs.Count];
        var room = new Room(limits.MaxOutputNumbers);
        await Parallel.ForAsync(
            0,
            inputs.Count,
            new ParallelOptions { MaxDegreeOfParallelism = batching.InFlight, CancellationToken = aborted },
            async (index, stop) =>
            {
                try
                {
                    using var run = await engine.StartAsync(request with { Input = inputs[index], From = from?[index], IsPart = inputs.Count > 1 }, stop);
                    var outputs = await CollectAsync(run, choices, room, stop);
                    run.ExpectFinite();
                    told[index] = (run.Model, outputs, run.State);
                }
                catch (EngineException exception)
                {
                    throw Placed(exception, inputs[index], index, inputs.Count);
                }
            });
        var time = told[0].Outputs.Count;
        if (Array.FindIndex(told, sequence => sequence.Outputs.Count != time) is var other and >= 0)
        {
            throw EngineException.Input(
                "/inputs", $"The sequences of the batch have {time} timesteps and {told[other].Outputs.Count}; a tensor of all outputs takes as many of each. Ask for the last (\"return\":\"last\").");
        }

        return Reply(
            call, told[0].Model, choices, inputs.Count, [.. told.SelectMany(sequence => sequence.Outputs)], [.. told.Select(sequence => sequence.State)]);
    }

    async Task<InferReply> RunSequenceAsync(
        InferCall call,
        SequenceCall sequence,
        RecurrentModel model,
        InferenceRequest request,
        IReadOnlyList<ModelInput> inputs,
        IReadOnlyList<Func<StateLayout, RecurrentState>>? from,
        CancellationToken aborted)
    {
        if (inputs.Count > 1)
        {
            throw EngineException.Input("/inputs", $"A sequence takes a batch of 1; this one has {inputs.Count}.");
        }

        if (from is not null && !sequence.Starts)
        {
            throw EngineException.Input($"/{StateTensor.Name}", $"A sequence has a state of its own; '{StateTensor.Name}' is an input only of the request that starts it.");
        }

        request = request with
        {
            Session = sequence.Session,
            ExpectedTag = sequence.ExpectedTag,
            Call = call.IdempotencyKey is null ? null : new IdempotencyKey(call.IdempotencyKey, CallHash.Of(call)),
            Begins = sequence.Starts,
            Ends = sequence.Ends,
            From = from?[0],
            Input = inputs[0],
        };
        try
        {
            using var run = await engine.StartAsync(request, aborted);
            return await RunSequenceAsync(call, sequence, model, run, aborted);
        }
        catch (EngineException exception) when (exception.Kind == ErrorKind.SessionNotFound)
        {
            throw sequence.NotStarted(model);
        }
        catch (EngineException exception) when (exception.Kind == ErrorKind.SessionEnded)
        {
            throw new EngineException(exception.Kind, $"{sequence.NotStarted(model).Message}. {exception.Message}", exception.Pointer);
        }
        catch (EngineException exception)
        {
            throw Placed(exception, inputs[0], 0, 1);
        }
    }

    /// <summary>Runs, and runs again if another server was first, until the session is committed.</summary>
    async Task<InferReply> RunSequenceAsync(InferCall call, SequenceCall sequence, RecurrentModel model, InferenceRun run, CancellationToken aborted)
    {
        while (run.Answer is null)
        {
            ExpectModel(call, sequence, model, run);
            var choices = OutputChoice.Of(run.Model, call.Outputs);
            var outputs = await CollectAsync(run, choices, new Room(limits.MaxOutputNumbers), aborted);
            var reply = Reply(call, run.Model, choices, 1, outputs, [run.State]) with { Step = run.State.Step };
            var kept = call.IdempotencyKey is null || sequence.Ends ? ("", []) : call.Keep!(reply);
            aborted.ThrowIfCancellationRequested();
            if (await run.CommitAsync(kept.Item1, kept.Item2))
            {
                return reply with { Tag = sequence.Ends ? null : run.Session!.Tag };
            }

            await run.BeginAgainAsync(aborted);
        }

        return new InferReply(run.Model, call.Id, []) { Answer = run.Answer, Tag = run.Answer.Tag };
    }

    /// <summary>The session of an ID may be one of another model, where the protocol has no such sequence, or of another version.</summary>
    static void ExpectModel(InferCall call, SequenceCall sequence, RecurrentModel model, InferenceRun run)
    {
        if (run.Model.Name != model.Name)
        {
            throw sequence.NotStarted(model);
        }

        if (!string.IsNullOrEmpty(call.Version) && run.Model.Version != model.Version)
        {
            throw EngineException.Input(
                "/model_version", $"Sequence {sequence.Name} runs on version {run.Model.Version} of model '{model.Name}', on which it started; leave out the version, or start it again.");
        }
    }

    static async Task<List<Output>> CollectAsync(InferenceRun run, IReadOnlyList<OutputChoice> choices, Room room, CancellationToken aborted)
    {
        var width = choices.Sum(choice => choice.Width);
        var outputs = new List<Output>();
        await foreach (var timestep in run.RunAsync(aborted))
        {
            room.Take(width);
            outputs.Add(timestep.Output);
        }

        return outputs;
    }

    InferReply Reply(
        InferCall call,
        RecurrentModel model,
        IReadOnlyList<OutputChoice> choices,
        int batch,
        List<Output> outputs,
        IReadOnlyList<RecurrentState> after)
    {
        long[] outer = model.ReadsLastOnly ? [batch] : [batch, outputs.Count / batch];
        return new(model, call.Id, [.. choices.Select(choice => choice switch
        {
            { Tensor: null } => StateTensor.Write(after, states),
            { Classes: > 0 } => choice.Tensor.WriteClasses(outer, outputs, choice.Classes),
            _ => choice.Tensor.Write(outer, outputs),
        })]);
    }

    /// <summary>Says in terms of tensors where an input is that can't be used.</summary>
    static EngineException Placed(EngineException exception, ModelInput input, int sequence, int batch)
    {
        var name = input switch
        {
            { Text: not null } => InputTensors.Text,
            { Tokens: not null } => InputTensors.Tokens,
            { Words: not null } => InputTensors.Words,
            _ => InputTensors.Numbers,
        };
        var places = exception.Pointer?.Split('/') is ["", "values" or "tokens" or "words" or "text", .. var inner] ? inner : null;
        return places is [] && batch == 1 || places is null
            ? exception
            : new(exception.Kind, $"{name}[{string.Join(',', places.Prepend($"{sequence}"))}]: {exception.Message}", exception.Pointer) { IsUnsure = exception.IsUnsure };
    }

    /// <summary>How many numbers there is still room for in a reply.</summary>
    sealed class Room(int limit)
    {
        long _taken;

        public void Take(int numbers)
        {
            if (Interlocked.Add(ref _taken, numbers) > limit)
            {
                throw EngineException.Input(
                    "/outputs", $"The outputs hold more than {limit} numbers (Limits:MaxOutputNumbers). Ask for the last (\"return\":\"last\"), for fewer outputs, or send the sequence in parts.");
            }
        }
    }
}
