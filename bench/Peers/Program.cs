using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using Rnn.Bench.Peers;
using Rnn.Engine.Layers;
using Rnn.Engine.Numerics;

// One LSTM layer, ours and ONNX Runtime's, with the same weights, in turn in one process: medians of microseconds.
// usage: dotnet run -c Release --project bench/Peers
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var onnxRuntime = typeof(InferenceSession).Assembly.GetName().Version!.ToString(3);
Console.WriteLine($".NET {Environment.Version}, ONNX Runtime {onnxRuntime}, one thread");
var peak = Limits.Flops();
Console.WriteLine($"multiply-add peak {peak:F0} GFLOP/s");
Console.WriteLine();
Console.WriteLine("| I | H | batch | T | ours, us | ONNX Runtime, us | ratio | of the limit |");
Console.WriteLine("|---|---|---|---|---|---|---|---|");

(int I, int H)[] sizes = [(32, 64), (64, 128), (128, 256), (256, 512), (512, 1024)];
foreach (var (inputs, hidden) in sizes)
{
    Compare(inputs, hidden, batch: 1, timesteps: 1);
}

foreach (var (inputs, hidden) in sizes[2..])
{
    foreach (var batch in new[] { 8, 32, 128 })
    {
        Compare(inputs, hidden, batch, timesteps: 1);
    }
}

foreach (var (inputs, hidden) in new[] { sizes[1], sizes[3] })
{
    Compare(inputs, hidden, batch: 1, timesteps: 128);
}

void Compare(int inputs, int hidden, int batch, int timesteps)
{
    var random = new Random(1);
    var (wIh, wHh, bias) = (Floats(random, 4 * hidden * inputs), Floats(random, 4 * hidden * hidden), Floats(random, 4 * hidden));
    var x = Floats(random, timesteps * batch * inputs);
    var ours = Ours(wIh, wHh, bias, inputs, hidden, batch, timesteps, x);
    var theirs = OnnxRuntime(wIh, wHh, bias, inputs, hidden, batch, timesteps, x);
    ExpectClose(ours(), theirs());

    var (our, their) = Medians(() => ours(), () => theirs());
    var weights = 4.0 * hidden * (inputs + hidden);
    var limit = batch == 1 && timesteps == 1
        ? weights * sizeof(float) / (Limits.Bandwidth((int)(weights * sizeof(float))) * 1e3)
        : timesteps == 1 ? 2 * weights * batch / (peak * 1e3) : double.NaN;
    Console.WriteLine(
        $"| {inputs} | {hidden} | {batch} | {timesteps} | {our:G4} | {their:G4} | {our / their:F2} | {(double.IsNaN(limit) ? "" : $"{limit / our:P0}")} |");
}

static Func<float[]> Ours(float[] wIh, float[] wHh, float[] bias, int inputs, int hidden, int batch, int timesteps, float[] x)
{
    var layer = new LstmLayer("lstm.0", new PackedMatrix(4 * hidden, inputs, wIh, 4), new PackedMatrix(4 * hidden, hidden, wHh, 4), bias);
    var network = new Network(null, [layer]);
    var state = new float[batch * network.StateSize];
    var scratch = new float[timesteps * batch * network.ScratchSize];
    return timesteps == 1
        ? () =>
        {
            network.Step(batch, StepInput.Of(x), state, scratch);
            return state;
        }
        : () =>
        {
            network.Run(timesteps, StepInput.Of(x), state, scratch);
            return state;
        };
}

// Its best case: tensors over arrays made once, and two state buffers that change places.
static Func<float[]> OnnxRuntime(float[] wIh, float[] wHh, float[] bias, int inputs, int hidden, int batch, int timesteps, float[] x)
{
    var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1, GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL };
    var session = new InferenceSession(OnnxLstm.Write(wIh, wHh, bias, inputs, hidden, batch, timesteps), options);
    var run = new RunOptions();
    float[][] states = [.. Enumerable.Range(0, 4).Select(_ => new float[batch * hidden])];
    OrtValue[] tensors = [.. states.Select(state => OrtValue.CreateTensorValueFromMemory(state, [1, batch, hidden]))];
    var input = OrtValue.CreateTensorValueFromMemory(x, [timesteps, batch, inputs]);
    string[] inputNames = ["x", "h", "c"];
    string[] outputNames = timesteps == 1 ? ["h_out", "c_out"] : ["h_out", "c_out", "y"];
    var all = timesteps == 1 ? [] : new[] { OrtValue.CreateTensorValueFromMemory(new float[timesteps * batch * hidden], [timesteps, 1, batch, hidden]) };
    OrtValue[][] from = [[input, tensors[0], tensors[1]], [input, tensors[2], tensors[3]]];
    OrtValue[][] to = [[tensors[2], tensors[3], .. all], [tensors[0], tensors[1], .. all]];
    var turn = 0;
    return () =>
    {
        session.Run(run, inputNames, from[turn], outputNames, to[turn]);
        turn = 1 - turn;
        return states[2 * turn];
    };
}

static (double Ours, double Theirs) Medians(Action ours, Action theirs)
{
    const int Samples = 101;
    var (a, b) = (new double[Samples], new double[Samples]);
    var (repeatOurs, repeatTheirs) = (Repeats(ours), Repeats(theirs));
    for (var sample = 0; sample < Samples; sample++)
    {
        a[sample] = Time(ours, repeatOurs);
        b[sample] = Time(theirs, repeatTheirs);
    }

    return (a.Order().ElementAt(Samples / 2), b.Order().ElementAt(Samples / 2));
}

// Warm up, then as many calls to a sample as take about two milliseconds.
static int Repeats(Action action)
{
    var start = Stopwatch.GetTimestamp();
    var calls = 0;
    for (; Stopwatch.GetElapsedTime(start).TotalMilliseconds < 300; calls++)
    {
        action();
    }

    return Math.Max(1, calls / 150);
}

static double Time(Action action, int repeats)
{
    var start = Stopwatch.GetTimestamp();
    for (var i = 0; i < repeats; i++)
    {
        action();
    }

    return Stopwatch.GetElapsedTime(start).TotalMicroseconds / repeats;
}

static void ExpectClose(ReadOnlySpan<float> ours, ReadOnlySpan<float> theirs)
{
    for (var i = 0; i < theirs.Length; i++)
    {
        if (Math.Abs(ours[i] - theirs[i]) > 1e-4)
        {
            throw new InvalidOperationException($"h[{i}]: {ours[i]} and {theirs[i]} differ.");
        }
    }
}

static float[] Floats(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() - 0.5f) * 0.2f)];
