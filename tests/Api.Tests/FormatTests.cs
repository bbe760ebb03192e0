using System.Net;
using System.Text.Json.Nodes;
using Rnn.Api.Commands;
using static Rnn.Api.Tests.RnnApplication;

namespace Rnn.Api.Tests;

/// <summary>Files of other frameworks dropped into the model folder, over HTTP.</summary>
public sealed class FormatTests : IDisposable
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rnn-tests-");

    [Theory]
    [InlineData("pytorch/upi/lstm_model.pt", "PyTorch", 5, true)]
    [InlineData("keras/qqq-lstm/lstm_model.keras", "Keras 3 archive", 1, true)]
    [InlineData("keras/earthpulse-h5/lstm_model.h5", "Keras 2 HDF5", 18, true)]
    [InlineData("onnx/earthpulse/model.onnx", "ONNX", 1, true)]
    [InlineData("keras/dl4j-tfkeras/rnn_1.h5", "Keras 2 HDF5", 4, false)]
    public async Task A_file_dropped_into_the_folder_serves_without_a_manifest(string file, string format, int features, bool isCausal)
    {
        Drop(file, $"dropped{Path.GetExtension(file)}");
        using var application = new RnnApplication { Settings = { ["Models:Path"] = _folder.FullName } };
        using var client = application.CreateClient();

        var model = await GetAsync(client, "/api/v1/models/dropped");
        var sequence = new { values = Enumerable.Range(0, 3).Select(_ => new double[features]) };
        var reply = await PostAsync(client, "/api/v1/models/dropped/sequence", sequence);
        var status = isCausal ? HttpStatusCode.Created : HttpStatusCode.UnprocessableEntity;
        var session = await PostAsync(client, "/api/v1/sessions", new { model = "dropped" }, status);

        Assert.Equal(format, (string)model["format"]!);
        Assert.Equal("engine", (string)model["runtime"]!);
        Assert.Equal(isCausal, (bool)model["causal"]!);
        Assert.NotEmpty(reply["output"]!.AsObject());
        Assert.True(isCausal || ((string)session["detail"]!).Contains("from its end", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_TF_js_model_is_a_folder_whose_manifest_is_its_own()
    {
        foreach (var file in new[] { "model.json", "group1-shard1of1", "group2-shard1of1" })
        {
            Drop($"tfjs/nietzsche/{file}", $"nietzsche/1/{file}");
        }

        using var application = new RnnApplication { Settings = { ["Models:Path"] = _folder.FullName } };
        using var client = application.CreateClient();

        var model = await GetAsync(client, "/api/v1/models/nietzsche");
        var reply = await PostAsync(client, "/api/v1/models/nietzsche/step", new { values = new double[57] });

        Assert.Equal("TF.js", (string)model["format"]!);
        Assert.Equal("classes", (string)model["output"]!["kind"]!);
        Assert.Equal(5, reply["output"]!["candidates"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_converted_model_is_the_one_that_it_was()
    {
        Drop("keras/toxic-gru/gru_model.keras", "toxic.keras");
        using var output = new StringWriter();
        var code = await CommandLine.InvokeAsync(
            ["convert", Path.Combine(_folder.FullName, "toxic.keras"), Path.Combine(_folder.FullName, "converted", "1")], output, output);
        using var application = new RnnApplication { Settings = { ["Models:Path"] = _folder.FullName } };
        using var client = application.CreateClient();

        var (original, converted) = (await GetAsync(client, "/api/v1/models/toxic"), await GetAsync(client, "/api/v1/models/converted"));

        Assert.Equal(0, code);
        Assert.Equal("safetensors", (string)converted["format"]!);
        Assert.Equal((string)original["fingerprint"]!, (string)converted["fingerprint"]!);
    }

    [Fact]
    public async Task Three_lines_say_what_the_numbers_mean()
    {
        Drop("keras/toxic-gru/gru_model.keras", "toxic/gru_model.keras");
        File.WriteAllText(
            Path.Combine(_folder.FullName, "toxic", "model.json"),
            """
            { "format": 1,
              "description": "Which insults a comment holds",
              "output": { "kind": "values", "values": [{"name": "a"}, {"name": "b"}, {"name": "c"}, {"name": "d"}, {"name": "e"}, {"name": "f"}] } }
            """);
        using var application = new RnnApplication { Settings = { ["Models:Path"] = _folder.FullName } };
        using var client = application.CreateClient();

        var model = await GetAsync(client, "/api/v1/models/toxic");
        var reply = await PostAsync(client, "/api/v1/models/toxic/sequence", new { tokens = new[] { 5, 2, 3 } });

        Assert.Equal("tokens", (string)model["input"]!["kind"]!);
        Assert.Equal(1000, (int)model["input"]!["size"]!);
        Assert.Equal(6, reply["output"]!["values"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_model_that_can_not_be_served_makes_the_server_not_ready_and_the_answer_says_why()
    {
        Drop("pytorch/upi/lstm_model.pt", "good.pt");
        Drop("pytorch/wind/bilstm_ga_best_noclass.pt", "wind.pt");
        using var application = new RnnApplication { Settings = { ["Models:Path"] = _folder.FullName } };
        using var client = application.CreateClient();

        var ready = await client.GetAsync(new Uri("/health/ready", UriKind.Relative), TestContext.Current.CancellationToken);
        var live = await client.GetAsync(new Uri("/health/live", UriKind.Relative), TestContext.Current.CancellationToken);
        var reason = await ready.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        Assert.Contains("Model 'wind' version 1: wind.pt: Which function stands between dense layers", reason, StringComparison.Ordinal);
        Assert.Contains("\"layers\": [{\"kind\":\"lstm\"", reason, StringComparison.Ordinal);
        await GetAsync(client, "/api/v1/models/good");
        await GetAsync(client, "/api/v1/models/wind", HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_bidirectional_model_says_why_there_are_no_steps()
    {
        Drop("keras/dl4j-tfkeras/rnn_1.h5", "both.h5");
        using var application = new RnnApplication { Settings = { ["Models:Path"] = _folder.FullName } };
        using var client = application.CreateClient();

        foreach (var (path, body) in new (string, object)[]
        {
            ("step", new { values = new double[4] }),
            ("sequence", new { values = new[] { new double[4] }, returnState = true }),
            ("generate", new { values = new[] { new double[4] } }),
        })
        {
            var problem = await PostAsync(client, $"/api/v1/models/both/{path}", body, HttpStatusCode.UnprocessableEntity);
            Assert.Equal("urn:rnn:problem:not-supported", (string)problem["type"]!);
        }

        var all = await PostAsync(client, "/api/v1/models/both/sequence", new { values = new[] { new double[4], new double[4] }, @return = "all" });
        Assert.Equal(2, ((JsonArray)all["outputs"]!).Count);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    void Drop(string file, string name)
    {
        var target = Path.Combine(_folder.FullName, name);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Files", file), target);
    }
}
