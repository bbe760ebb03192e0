using System.Diagnostics;
using Rnn.Api.Commands;
using Rnn.Engine.Layers;
using Rnn.Engine.Models;

namespace Rnn.Api.Tests;

public sealed class CommandTests : IDisposable
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rnn-tests-");

    static string Models => Path.Combine(AppContext.BaseDirectory, "models");

    [Fact]
    public async Task Inspect_tells_layers_input_output_and_state()
    {
        var (code, output, _) = await RunAsync("inspect", Path.Combine(Models, "names", "1"), "--tensors");

        Assert.Equal(0, code);
        Assert.Contains("model.safetensors: safetensors, 7 tensors, 134,930 parameters", output, StringComparison.Ordinal);
        Assert.Contains("gru.weight_hh_l0", output, StringComparison.Ordinal);
        Assert.Matches("gru +gru +hiddenSize 192, layers 1, bias, resetAfter.* 130,176", output);
        Assert.Contains("state    192 floats; 812 bytes when exported", output, StringComparison.Ordinal);
        Assert.Contains("offers   step, sequence, sessions", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inspect_says_what_a_file_alone_does_not_tell_and_the_line_to_add()
    {
        var (code, output, _) = await RunAsync("inspect", Path.Combine(Models, "temperature", "1", "model.safetensors"));

        Assert.Equal(0, code);
        Assert.Contains("input    features: x[0]", output, StringComparison.Ordinal);
        Assert.Contains("values: y[0]", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_prints_the_deviation_of_every_example()
    {
        var (code, output, _) = await RunAsync("verify", Models);

        Assert.Equal(0, code);
        Assert.Equal(21, output.Split('\n').Count(line => line.EndsWith(" ok", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Verify_measures_the_precision_that_the_model_asks_for_too()
    {
        var folder = Copy("names", manifest => manifest.Replace("\"format\": 1,", "\"format\": 1, \"precision\": \"bf16\",", StringComparison.Ordinal));

        var (code, output, _) = await RunAsync("verify", folder);

        Assert.Equal(0, code);
        Assert.Matches("0 +float32 +18 ", output);
        Assert.Matches("0 +bf16 +18 ", output);
    }

    [Fact]
    public async Task Verify_fails_on_a_model_whose_numbers_are_others()
    {
        var folder = Copy("names", manifest => manifest.Replace("\"output\": [", "\"output\": [1e3, ", StringComparison.Ordinal));

        var (code, output, _) = await RunAsync("verify", folder);

        Assert.Equal(1, code);
        Assert.Contains("BEYOND", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_converted_model_is_the_same_to_the_last_bit_and_keeps_what_its_manifest_said()
    {
        var source = Path.Combine(Models, "names", "1");
        var target = Path.Combine(_folder.FullName, "converted");

        var (code, output, _) = await RunAsync("convert", source, target);
        var (again, _, error) = await RunAsync("convert", source, target);
        var (forced, _, _) = await RunAsync("convert", source, target, "--force");

        var (original, converted) = (Load(source), Load(target));
        Assert.Equal((0, 1, 0), (code, again, forced));
        Assert.Contains("134,930 parameters from safetensors", output, StringComparison.Ordinal);
        Assert.Contains("already", error, StringComparison.Ordinal);
        Assert.Equal(original.Layout.Fingerprint, converted.Layout.Fingerprint);
        Assert.Equal(original.Manifest.Examples.Count, converted.Manifest.Examples.Count);
        Assert.Equal(original.Read(new RecurrentState(original.Layout)), converted.Read(new RecurrentState(converted.Layout)));
    }

    [Theory]
    [InlineData("inspect", "nowhere")]
    [InlineData("verify", "nowhere")]
    [InlineData("convert", "nowhere", "elsewhere")]
    public async Task What_is_not_there_is_one_line_on_the_error_output(params string[] args)
    {
        var (code, _, error) = await RunAsync(args);

        Assert.Equal(1, code);
        Assert.Single(error.TrimEnd().Split('\n'));
        Assert.Contains("'nowhere'", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_no_path_and_a_file_without_tensors_has_an_empty_table()
    {
        File.WriteAllBytes(Path.Combine(_folder.FullName, "empty.safetensors"), [2, 0, 0, 0, 0, 0, 0, 0, (byte)'{', (byte)'}']);

        var (empty, _, error) = await RunAsync("inspect", "");
        var (none, output, _) = await RunAsync("inspect", Path.Combine(_folder.FullName, "empty.safetensors"), "--tensors");

        Assert.Equal((1, 0), (empty, none));
        Assert.Contains("The path is empty", error, StringComparison.Ordinal);
        Assert.Contains("0 tensors", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_are_no_commands_and_run_is_left_out_of_them()
    {
        Assert.False(CommandLine.Takes([]));
        Assert.False(CommandLine.Takes(["--urls=http://localhost:0", "--Models:Path", "x"]));
        Assert.False(CommandLine.Takes(["run", "--urls=http://localhost:0"]));
        Assert.True(CommandLine.Takes(["inspect"]));
        Assert.True(CommandLine.Takes(["--help"]));
        Assert.Equal(["--urls=http://localhost:0"], CommandLine.HostOptions(["run", "--urls=http://localhost:0"]).Args!);
    }

    [Fact]
    public async Task The_program_runs_commands()
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Rnn.Api.dll"), "inspect", Path.Combine(Models, "names", "1")])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;

        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, process.ExitCode);
        Assert.Contains("offers   step, sequence, sessions", output, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    static RecurrentModel Load(string folder) => new ModelLoader().Load("model", 1, new ModelSource(folder));

    string Copy(string model, Func<string, string> edit)
    {
        foreach (var file in new[] { "model.json", "model.safetensors" })
        {
            File.Copy(Path.Combine(Models, model, "1", file), Path.Combine(_folder.FullName, file));
        }

        var manifest = Path.Combine(_folder.FullName, "model.json");
        File.WriteAllText(manifest, edit(File.ReadAllText(manifest)));
        return _folder.FullName;
    }

    static async Task<(int Code, string Output, string Error)> RunAsync(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await CommandLine.InvokeAsync(args, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
