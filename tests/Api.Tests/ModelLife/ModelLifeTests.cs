using System.Net;
using System.Text.Json.Nodes;

namespace Rnn.Api.Tests.ModelLife;

/// <summary>Models that come, change and go while the host serves.</summary>
public sealed class ModelLifeTests : IDisposable
{
    const string Step = """{ "values": [0] }""";

    readonly LifeApplication _life = new();

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_call_loads_a_new_version_and_replaces_changed_weights()
    {
        _life.Write("m/1", 1);
        using var client = _life.Start(("Models:Control", "Explicit"));
        Assert.Equal((1, 1), await StepAsync(client));

        _life.Write("m/2", 20);
        Assert.Equal(["2 ready", "1 ready"], Told(await RnnApplication.PostAsync(client, "/api/v1/models/m/load", """{ "version": 2 }""")));
        Assert.Equal((2, 20), await StepAsync(client));

        _life.Write("m/2", 21);
        await RnnApplication.SendAsync(client, "POST", "/api/v1/models/m/load");
        Assert.Equal((2, 21), await StepAsync(client));
    }

    [Fact]
    public async Task An_unloaded_model_is_not_found_and_its_sessions_wait_for_it()
    {
        _life.Write("m/1", 1);
        _life.Write("other/1", 1);
        using var client = _life.Start(("Models:Control", "Explicit"));
        var session = await RnnApplication.NewSessionAsync(client, "m");
        var path = $"/api/v1/sessions/{session}/step";
        await RnnApplication.PostAsync(client, path, Step);

        Assert.Equal(["1 unloaded"], Told(await RnnApplication.PostAsync(client, "/api/v1/models/m/unload", "{}")));

        var gone = await RnnApplication.PostAsync(client, "/api/v1/models/m/step", Step, HttpStatusCode.NotFound);
        Assert.EndsWith("Loaded are: other.", (string)gone["detail"]!, StringComparison.Ordinal);
        Assert.Equal("urn:rnn:problem:model-unloaded", (string)(await RnnApplication.PostAsync(client, path, Step, HttpStatusCode.Conflict))["type"]!);
        Assert.Equal(["m unloaded", "other ready"], (await RnnApplication.GetAsync(client, "/api/v1/repository")).AsArray().Select(model => $"{model!["name"]} {model["state"]}"));

        await RnnApplication.PostAsync(client, "/api/v1/models/m/load", "{}");
        Assert.Equal(2, (int)(await RnnApplication.PostAsync(client, path, Step))["step"]!);
    }

    [Fact]
    public async Task Files_that_are_refused_leave_what_was_served_and_the_host_ready_but_say_so()
    {
        _life.Write("m/1", 1);
        using var client = _life.Start(("Models:Control", "Explicit"));
        _life.WriteManifest("m/1", """{ "format": 1, "layers": [] }""");

        var refused = await RnnApplication.PostAsync(client, "/api/v1/models/m/load", "{}", HttpStatusCode.UnprocessableEntity);

        var reason = (string)refused["detail"]!;
        Assert.StartsWith("Model 'm' version 1:", reason, StringComparison.Ordinal);
        Assert.Equal((1, 1), await StepAsync(client));
        Assert.Equal(reason, (string)(await RnnApplication.GetAsync(client, "/api/v1/models"))[0]!["reason"]!);
        Assert.Equal($"Degraded\n{reason}", await client.GetStringAsync(new Uri("/health/ready", UriKind.Relative), Aborted));
    }

    [Theory]
    [InlineData("None", "Models:Control=Explicit")]
    [InlineData("Poll", "change the models there")]
    public async Task A_call_changes_nothing_unless_it_may(string control, string hint)
    {
        _life.Write("m/1", 1);
        using var client = _life.Start(("Models:Control", control));

        foreach (var change in new[] { "load", "unload" })
        {
            var problem = await RnnApplication.PostAsync(client, $"/api/v1/models/m/{change}", "{}", HttpStatusCode.Forbidden);
            Assert.Contains(hint, (string)problem["detail"]!, StringComparison.Ordinal);
        }

        Assert.Equal((1, 1), await StepAsync(client));
    }

    [Fact]
    public async Task The_folder_is_followed_once_two_looks_have_seen_it_alike()
    {
        _life.Write("m/1", 1);
        using var client = _life.Start(("Models:Control", "Poll"), ("Models:PollInterval", "00:00:05"));

        _life.WriteManifest("m/2");
        await _life.LookAsync();
        _life.WriteWeights("m/2", 2);                      // at the first look they were not there yet
        await _life.LookAsync();
        Assert.Equal((1, 1), await StepAsync(client));
        await _life.LookAsync();
        Assert.Equal((2, 2), await StepAsync(client));

        _life.WriteWeights("m/2", 3);
        await _life.LookAsync();
        await _life.LookAsync();
        Assert.Equal((2, 3), await StepAsync(client));

        _life.Delete("m/2");
        await _life.LookAsync();
        Assert.Equal((2, 3), await StepAsync(client));
        await _life.LookAsync();
        Assert.Equal((1, 1), await StepAsync(client));
        Assert.Equal(["1 ready"], Told(await RnnApplication.GetAsync(client, "/api/v1/repository")));
    }

    [Fact]
    public async Task The_folder_is_looked_at_again_and_again()
    {
        _life.Write("m/1", 1);
        using var client = _life.Start(("Models:Control", "Poll"), ("Models:PollInterval", "00:00:05"));
        var loaded = new TaskCompletionSource();
        _life.Models.Changed += (_, _) => loaded.TrySetResult();

        _life.Write("m/2", 2);
        while (!loaded.Task.IsCompleted)
        {
            Aborted.ThrowIfCancellationRequested();
            _life.Time.Advance(TimeSpan.FromSeconds(5));
            await Task.Yield();
        }

        Assert.Equal((2, 2), await StepAsync(client));
    }

    [Fact]
    public async Task What_is_refused_at_a_look_is_told_and_taken_once_it_is_mended()
    {
        _life.Write("m/1", 1);
        using var client = _life.Start(("Models:Control", "Poll"), ("Models:PollInterval", "00:00:05"));
        _life.WriteManifest("m/2");

        await _life.LookAsync();
        await _life.LookAsync();
        Assert.Equal(["2 failed", "1 ready"], Told(await RnnApplication.GetAsync(client, "/api/v1/repository")));
        Assert.Contains("there is no file of weights", await client.GetStringAsync(new Uri("/health/ready", UriKind.Relative), Aborted), StringComparison.Ordinal);

        _life.WriteWeights("m/2", 2);
        await _life.LookAsync();
        await _life.LookAsync();
        Assert.Equal((2, 2), await StepAsync(client));
        Assert.Equal("Healthy", await client.GetStringAsync(new Uri("/health/ready", UriKind.Relative), Aborted));
    }

    [Fact]
    public async Task What_was_refused_and_is_there_no_more_is_forgotten_by_a_load()
    {
        _life.Write("m/1", 1);
        _life.WriteManifest("m/2");
        _life.WriteManifest("bad/1");
        using var client = _life.Start(("Models:Control", "Explicit"));
        _life.Delete("m/2");
        _life.Delete("bad");
        _life.Write("m/3", 3);

        await RnnApplication.PostAsync(client, "/api/v1/models/bad/load", "", HttpStatusCode.NotFound);
        await RnnApplication.PostAsync(client, "/api/v1/models/m/load", "");

        Assert.Equal(["3 ready", "1 ready"], Told(await RnnApplication.GetAsync(client, "/api/v1/repository")));
        Assert.Equal("Healthy", await client.GetStringAsync(new Uri("/health/ready", UriKind.Relative), Aborted));
    }

    [Fact]
    public async Task A_share_of_the_calls_and_of_the_new_sessions_gets_the_canary_and_sessions_stay_with_it()
    {
        _life.Write("m/1", 1);
        _life.Write("m/2", 2);
        _life.Draws = [0.09, 0.1, 0.99, 0, 0.5];
        using var client = _life.Start(("Models:Canary:m:2", "0.1"), ("Models:Defaults:m", "1"));

        foreach (var version in new[] { 2, 1, 1 })
        {
            Assert.Equal(version, (await StepAsync(client)).Version);
        }

        var (canary, usual) = (await RnnApplication.NewSessionAsync(client, "m"), await RnnApplication.NewSessionAsync(client, "m"));

        foreach (var (session, version) in new[] { (canary, 2), (usual, 1), (canary, 2), (usual, 1) })
        {
            Assert.Equal(version, (int)(await RnnApplication.PostAsync(client, $"/api/v1/sessions/{session}/step", Step))["version"]!);
        }

        Assert.Equal(1, (int)(await RnnApplication.PostAsync(client, "/api/v1/models/m/step", """{ "values": [0], "version": 1 }"""))["version"]!);
        Assert.Equal(1, (int)(await RnnApplication.GetAsync(client, "/api/v1/models/m"))["version"]!);
    }

    [Fact]
    public async Task A_label_stands_for_a_version_wherever_a_model_is_named()
    {
        _life.Write("m/1", 1);
        _life.Write("m/2", 2);
        using var client = _life.Start(("Models:Labels:m:stable", "1"), ("Models:Labels:m:gone", "7"), ("Models:Defaults:m", "stable"));

        Assert.Equal(1, (await StepAsync(client)).Version);
        Assert.Equal(1, (await StepAsync(client, "m@stable")).Version);
        var session = await RnnApplication.PostAsync(client, "/api/v1/sessions", new { model = "m@stable" }, HttpStatusCode.Created);
        Assert.Equal(("m", 1), ((string)session["model"]!, (int)session["version"]!));
        Assert.Equal("1", (string)(await RnnApplication.GetAsync(client, "/v1/models/m/labels/stable"))["model_version_status"]![0]!["version"]!);
        await RefusedAsync("m@gone", Step, HttpStatusCode.NotFound, "no version 7");
        await RefusedAsync("m@new", Step, HttpStatusCode.NotFound, "There are: gone, stable.");
        await RefusedAsync("m@stable", """{ "values": [0], "version": 1 }""", HttpStatusCode.BadRequest, "leave the number out");

        async Task RefusedAsync(string model, string body, HttpStatusCode status, string detail) => Assert.Contains(
            detail, (string)(await RnnApplication.PostAsync(client, $"/api/v1/models/{model}/step", body, status))["detail"]!, StringComparison.Ordinal);
    }

    public void Dispose() => _life.Dispose();

    static async Task<(int Version, double Output)> StepAsync(HttpClient client, string model = "m")
    {
        var reply = await RnnApplication.PostAsync(client, $"/api/v1/models/{model}/step", Step);
        return ((int)reply["version"]!, (double)reply["output"]!["values"]![0]!);
    }

    static IEnumerable<string> Told(JsonNode models) => models.AsArray().Select(model => $"{model!["version"]} {model["state"]}");
}
