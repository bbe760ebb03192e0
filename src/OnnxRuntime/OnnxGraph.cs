using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Rnn.Engine;
using Rnn.Engine.Layers;
using Rnn.Engine.Manifests;
using Rnn.Engine.Models;

namespace Rnn.OnnxRuntime;

/// <summary>
/// A stateful graph computed by ONNX Runtime, one timestep of several sequences at a time. Its state is that of the graph's own
/// tensors, the values that stand before the next timestep's as context, and the last output, which can so be read again.
/// </summary>
public sealed class OnnxGraph : ModelRuntime
{
    const int MaxTimesteps = 1_024;

    readonly string _file;
    readonly InferenceSession _session;
    readonly GraphWiring _wiring;
    readonly Dictionary<string, OrtValue> _constants;
    readonly RunOptions _runOptions = new();
    readonly string[] _outputs;
    readonly int _context;
    readonly int _width;

    OnnxGraph(string file, InferenceSession session, GraphManifest graph)
    {
        _file = file;
        _session = session;
        _wiring = GraphWiring.Of(file, session, graph);
        _constants = GraphConstants.Of(file, session, graph);
        _outputs = [_wiring.Output, .. _wiring.States.Select(state => state.Output)];
        _context = graph.Context;
        _width = _wiring.TakesTokens ? 0 : (int)_wiring.InputShape[^1];
        OutputSize = DryRun();
        StateParts =
        [
            .. _wiring.States.Select(state => new StatePart(state.Input, StateKind.Hidden, state.Size)),
            .. _context > 0 ? [new StatePart("context", StateKind.Hidden, _context)] : Array.Empty<StatePart>(),
            new StatePart("output", StateKind.Hidden, OutputSize),
        ];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<StatePart> StateParts { get; }

    /// <inheritdoc/>
    public override int OutputSize { get; }

    /// <summary>0: a graph does not tell which of its numbers are weights.</summary>
    public override long ParameterCount => 0;

    /// <inheritdoc/>
    public override int MaxBatchSize => _wiring.BatchAxis is null ? 1 : int.MaxValue;

    /// <inheritdoc/>
    public override int MaxTimestepsAtOnce => MaxTimesteps;

    /// <summary>Loads a graph; a <see cref="GraphLoader"/>.</summary>
    /// <param name="file">The file's name, for messages.</param>
    /// <param name="bytes">Its content; a graph whose numbers lie in other files is refused.</param>
    /// <param name="graph">How it keeps its state; null to be told what it probably is.</param>
    /// <exception cref="EngineException">It can't be used, or the manifest says too little.</exception>
    public static LoadedGraph Load(string file, ReadOnlyMemory<byte> bytes, GraphManifest? graph)
    {
        ExternalData.Refuse(file, bytes.Span);
        InferenceSession? session = null;
        try
        {
            // One thread for each call: callers are what runs side by side here.
            using var options = new SessionOptions { IntraOpNumThreads = 1, ExecutionMode = ExecutionMode.ORT_SEQUENTIAL };
            session = new InferenceSession(bytes.ToArray(), options);
            var loaded = new OnnxGraph(file, session, graph ?? new GraphManifest());
            return new LoadedGraph(loaded, loaded._wiring.TakesTokens ? null : loaded._width - loaded._context);
        }
        catch (OnnxRuntimeException exception)
        {
            session?.Dispose();
            throw EngineException.Model($"{file}: ONNX Runtime refuses it: {exception.Message}");
        }
        catch (EngineException)
        {
            session?.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override void Run(
        ReadOnlySpan<RecurrentState> states, int timesteps, StepInput input, ReadOnlySpan<int> reads, Span<float> outputs)
    {
        var batch = states.Length;
        for (var t = 0; t < timesteps; t++)
        {
            try
            {
                Step(states, input, t * batch);
            }
            catch (OnnxRuntimeException)
            {
                throw new EngineException(ErrorKind.InvalidInput, $"The graph {_file} can't be run with this input.");
            }

            for (; !reads.IsEmpty && reads[0] < (t + 1) * batch; reads = reads[1..])
            {
                OutputOf(states[reads[0] - t * batch]).CopyTo(outputs);
                outputs = outputs[OutputSize..];
            }
        }
    }

    /// <inheritdoc/>
    public override float[] OutputAt(RecurrentState state) => OutputOf(state).ToArray();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _session.Dispose();
            _runOptions.Dispose();
            foreach (var constant in _constants.Values)
            {
                constant.Dispose();
            }
        }

        base.Dispose(disposing);
    }

    ReadOnlySpan<float> OutputOf(RecurrentState state) => state.Values[^OutputSize..];

    /// <summary>One timestep of every sequence, whose inputs begin at a row.</summary>
    void Step(ReadOnlySpan<RecurrentState> states, StepInput input, int firstRow)
    {
        var batch = states.Length;
        using var fed = new Feed(_constants);
        if (_wiring.TakesTokens)
        {
            fed.AddTokens(_wiring.Input, input.Tokens.Slice(firstRow, batch), Shape(batch), _session.InputMetadata[_wiring.Input].ElementDataType);
        }
        else
        {
            fed.Add(_wiring.Input, Vectors(states, input.Vectors, firstRow), Shape(batch));
        }

        var offset = 0;
        foreach (var part in _wiring.States)
        {
            var tensor = new float[batch * part.Size];
            for (var row = 0; row < batch; row++)
            {
                part.Gather(states[row].Values.Slice(offset, part.Size), batch, row, tensor);
            }

            fed.Add(part.Input, tensor, part.ShapeOf(batch));
            offset += part.Size;
        }

        using var results = _session.Run(_runOptions, fed.Values, _outputs);
        Keep(states, results, input, firstRow);
    }

    /// <summary>The values of one timestep, behind the context of each sequence.</summary>
    float[] Vectors(ReadOnlySpan<RecurrentState> states, ReadOnlySpan<float> vectors, int firstRow)
    {
        var own = _width - _context;
        var values = new float[states.Length * _width];
        for (var row = 0; row < states.Length; row++)
        {
            ContextOf(states[row]).CopyTo(values.AsSpan(row * _width));
            vectors.Slice((firstRow + row) * own, own).CopyTo(values.AsSpan(row * _width + _context));
        }

        return values;
    }

    Span<float> ContextOf(RecurrentState state) => state.Mutable.Slice(state.Values.Length - OutputSize - _context, _context);

    void Keep(ReadOnlySpan<RecurrentState> states, IReadOnlyList<OrtValue> results, StepInput input, int firstRow)
    {
        var batch = states.Length;
        var output = results[0].GetTensorDataAsSpan<float>();
        for (var row = 0; row < batch; row++)
        {
            var offset = 0;
            foreach (var (index, part) in _wiring.States.Index())
            {
                part.Scatter(results[index + 1].GetTensorDataAsSpan<float>(), batch, row, states[row].Mutable.Slice(offset, part.Size));
                offset += part.Size;
            }

            if (_context > 0)
            {
                // The last values of the context and this timestep's own together.
                var own = input.Vectors.Slice((firstRow + row) * (_width - _context), _width - _context);
                var context = ContextOf(states[row]);
                var kept = Math.Max(0, _context - own.Length);
                context[^kept..].CopyTo(context);
                own[^(_context - kept)..].CopyTo(context[kept..]);
            }

            output.Slice(row * OutputSize, OutputSize).CopyTo(states[row].Mutable[^OutputSize..]);
        }
    }

    long[] Shape(int batch) =>
        _wiring.BatchAxis is { } axis ? [.. _wiring.InputShape[..axis], batch, .. _wiring.InputShape[(axis + 1)..]] : _wiring.InputShape;

    /// <summary>Runs one timestep of zeros, which tells the width of the output and whether the states keep their shape.</summary>
    int DryRun()
    {
        using var fed = new Feed(_constants);
        if (_wiring.TakesTokens)
        {
            fed.AddTokens(_wiring.Input, [0], _wiring.InputShape, _session.InputMetadata[_wiring.Input].ElementDataType);
        }
        else
        {
            fed.Add(_wiring.Input, new float[_width], _wiring.InputShape);
        }

        foreach (var state in _wiring.States)
        {
            fed.Add(state.Input, new float[state.Size], state.Shape);
        }

        using var results = _session.Run(_runOptions, fed.Values, _outputs);
        foreach (var (index, state) in _wiring.States.Index())
        {
            var size = results[index + 1].GetTensorTypeAndShape().ElementCount;
            if (size != state.Size)
            {
                throw EngineException.Model($"{_file}: state '{state.Output}' has {size} numbers, '{state.Input}' has {state.Size}.");
            }
        }

        var output = results[0].GetTensorTypeAndShape();
        return output.ElementDataType == TensorElementType.Float && output.ElementCount is > 0 and < 1 << 20
            ? (int)output.ElementCount
            : throw EngineException.Model($"{_file}: output '{_wiring.Output}' must be float, and not empty.");
    }
}
