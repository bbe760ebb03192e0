using System.Globalization;
using Rnn.Bench.Peers;
using Rnn.Engine.Numerics;

// LSTM layers, ours and the peers', with the same weights, in turn in one process: medians of microseconds.
// usage: dotnet run -c Release --project bench/Peers [batch1|batches|sequences|characters ...]
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
(int I, int H)[] sizes = [(32, 64), (64, 128), (128, 256), (256, 512), (512, 1024)];
var sections = new Dictionary<string, Work[]>
{
    ["batch1"] = [.. sizes.Select(size => new Work(size.I, size.H, 1, 1, 1))],
    ["batches"] = [.. sizes[2..].SelectMany(size => new[] { 8, 32, 128 }.Select(batch => new Work(size.I, size.H, 1, batch, 1)))],
    ["sequences"] = [.. new[] { sizes[1], sizes[3] }.SelectMany(size => new[] { 1, 16 }.Select(batch => new Work(size.I, size.H, 1, batch, 128)))],
    ["characters"] = [new Work(64, 512, 2, 1, 1, Tokens: 96), new Work(64, 512, 2, 32, 1, Tokens: 96)],
};
var chosen = sections.Where(section => args.Length == 0 || args.Contains(section.Key)).SelectMany(section => section.Value).ToList();

var peak = Limits.Flops();
var int8Peak = Limits.Int8Ops();
var torch = TorchPeer.Measure(chosen.Where(work => work.Tokens == 0));
Console.WriteLine(
    $".NET {Environment.Version}, ONNX Runtime {OnnxPeer.Version}, {(torch is null ? "no PyTorch" : $"PyTorch {torch.Value.Version}")}, one thread");
Console.WriteLine($"multiply-add peak {peak:F0} GFLOP/s; 8-bit peak {int8Peak:F0} GOP/s with the 256-bit instruction that .NET has");
Console.WriteLine();
Console.WriteLine("| | float32 | ONNX Runtime | ratio | of the limit | PyTorch | bf16 | to float32 | int8 | to float32 | of the limit | ONNX Runtime int8 | ratio |");
Console.WriteLine("|---|---|---|---|---|---|---|---|---|---|---|---|---|");
var torchRows = new Queue<double>(torch?.Medians ?? []);
foreach (var work in chosen)
{
    Compare(work);
}

void Compare(Work work)
{
    var weights = new LstmWeights(work);
    Func<float[]>[] ways =
    [
        Ours.Build(work, weights, Precision.Float32), OnnxPeer.Build(work, weights, int8: false),
        Ours.Build(work, weights, Precision.Bf16), Ours.Build(work, weights, Precision.Int8), OnnxPeer.Build(work, weights, int8: true),
    ];
    var expected = ways[1]()[..(work.Batch * Math.Max(work.Hidden, work.Tokens))];
    ExpectClose(ways[0](), expected, 1e-4);
    ExpectClose(ways[2](), expected, 0.02);
    ExpectClose(ways[3](), expected, 0.05);

    var medians = Timing.Medians([.. ways.Select(way => (Action)(() => way()))]);
    var (float32, onnx, bfloat16, int8, onnxInt8) = (medians[0], medians[1], medians[2], medians[3], medians[4]);
    var pyTorch = work.Tokens == 0 && torchRows.TryDequeue(out var microseconds) ? $"{microseconds:G4}" : "";
    Console.WriteLine(
        $"| {work.Name} | {float32:G4} | {onnx:G4} | {float32 / onnx:F2} | {Share(work, float32, sizeof(float), peak)} | {pyTorch} "
        + $"| {bfloat16:G4} | {bfloat16 / float32:F2} | {int8:G4} | {int8 / float32:F2} | {Share(work, int8, 1, int8Peak)} | {onnxInt8:G4} | {int8 / onnxInt8:F2} |");
}

// The time that the machine needs at least, over ours: to read the weights once, or to multiply and add.
static string Share(Work work, double microseconds, int weightSize, double peak)
{
    if (work.Timesteps > 1 || work.Tokens > 0)
    {
        return "";
    }

    var least = work.Batch == 1
        ? work.Weights * weightSize / (Limits.Bandwidth((int)(work.Weights * weightSize)) * 1e3)
        : 2.0 * work.Weights * work.Batch / (peak * 1e3);
    return $"{least / microseconds:P0}";
}

static void ExpectClose(ReadOnlySpan<float> actual, ReadOnlySpan<float> expected, double tolerance)
{
    for (var i = 0; i < expected.Length; i++)
    {
        if (!(Math.Abs(actual[i] - expected[i]) <= tolerance))
        {
            throw new InvalidOperationException($"Output {i}: {actual[i]} and {expected[i]} differ.");
        }
    }
}
