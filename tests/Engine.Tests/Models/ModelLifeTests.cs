using System.Runtime.CompilerServices;
using Microsoft.Extensions.Time.Testing;
using Rnn.Engine.Callers;
using Rnn.Engine.Codecs;
using Rnn.Engine.Models;
using Rnn.Engine.Sessions;

namespace Rnn.Engine.Tests.Models;

public sealed class ModelLifeTests : IDisposable
{
    readonly ModelFiles _files = new();

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_hundred_reloads_under_load_fail_no_call_and_leave_no_model_behind()
    {
        _files.Write("m/1", 1);
        using var models = Explicit();
        var engine = EngineOf(models);
        var before = new List<WeakReference>();
        using var reloaded = new CancellationTokenSource();
        var callers = Enumerable.Range(0, 4).Select(_ => Task.Run(() => CallUntilAsync(engine, reloaded.Token), Aborted)).ToList();

        for (var reload = 2; reload <= 101; reload++)
        {
            before.Add(Served(models));
            _files.WriteWeights("m/1", reload);
            Assert.Equal([new("m", 1, ModelState.Ready, null)], await models.LoadAsync("m", null, Aborted));
            Assert.Equal(reload, await OutputAsync(engine));
        }

        await reloaded.CancelAsync();
        Assert.All(await Task.WhenAll(callers), calls => Assert.True(calls > 0));
        Collect();
        Assert.InRange(before.Count(model => model.IsAlive), 0, 1);            // the JIT may keep a local of the last
        GC.KeepAlive(engine);
    }

    [Fact]
    public async Task An_unloaded_model_is_freed_and_said_to_be_gone()
    {
        _files.Write("m/1");
        _files.Write("other");
        using var models = Explicit();
        var engine = EngineOf(models);
        await OutputAsync(engine);
        var served = Served(models);

        Assert.Equal([new("m", 1, ModelState.Unloaded, null)], await models.UnloadAsync("m", null, Aborted));

        Collect();
        Assert.False(served.IsAlive);
        var gone = await Assert.ThrowsAsync<EngineException>(() => OutputAsync(engine));
        Assert.Equal(ErrorKind.ModelNotFound, gone.Kind);
        Assert.EndsWith("Loaded are: other.", gone.Message, StringComparison.Ordinal);
        Assert.Equal(ErrorKind.ModelNotFound, (await Assert.ThrowsAsync<EngineException>(() => models.UnloadAsync("m", null, Aborted))).Kind);
        GC.KeepAlive(engine);
    }

    [Fact]
    public async Task A_call_under_way_ends_on_the_model_that_it_began_with()
    {
        _files.Write("m/1", 1);
        using var models = Explicit();
        var engine = EngineOf(models);
        using var run = await engine.StartAsync(Steps(3), Aborted);

        _files.WriteWeights("m/1", 5);
        await models.LoadAsync("m", 1, Aborted);
        await models.UnloadAsync("m", 1, Aborted);

        Assert.Equal(3, await OutputAsync(run));
    }

    [Fact]
    public async Task Files_that_are_refused_leave_what_was_served()
    {
        _files.Write("m/1", 2);
        using var models = Explicit();
        _files.WriteManifest("m/1", """{ "format": 1, "layers": [] }""");

        var refused = await Assert.ThrowsAsync<EngineException>(() => models.LoadAsync("m", null, Aborted));

        Assert.Equal(ErrorKind.BadModel, refused.Kind);
        Assert.Equal([new("m", 1, ModelState.Ready, refused.Message)], models.Index);
        Assert.Equal([refused.Message], models.RefusedSince);
        Assert.Empty(models.Refused);
        Assert.Equal(2, await OutputAsync(EngineOf(models)));

        _files.Write("m/1", 3);
        await models.LoadAsync("m", null, Aborted);

        Assert.Empty(models.RefusedSince);
        Assert.Equal(3, await OutputAsync(EngineOf(models)));
    }

    [Fact]
    public async Task A_version_whose_files_are_the_same_is_not_read_again()
    {
        _files.Write("m/1");
        using var models = Explicit();
        var model = models.Get("m", 1);

        _files.Write("m/2");
        Assert.Equal([2, 1], (await models.LoadAsync("m", null, Aborted)).Select(status => status.Version!.Value));

        Assert.Same(model, models.Get("m", 1));
        Assert.Equal(2, models.Get("m", null).Version);
        Assert.Equal(ErrorKind.ModelNotFound, (await Assert.ThrowsAsync<EngineException>(() => models.LoadAsync("m", 3, Aborted))).Kind);
    }

    [Fact]
    public async Task Without_leave_a_call_changes_nothing()
    {
        _files.Write("m/1");
        using var models = ModelCatalog.Load(_files.Path, new ModelLoader());

        Assert.Equal(ErrorKind.ModelsFixed, (await Assert.ThrowsAsync<EngineException>(() => models.LoadAsync("m", null, Aborted))).Kind);
        Assert.Equal(ErrorKind.ModelsFixed, (await Assert.ThrowsAsync<EngineException>(() => models.UnloadAsync("m", null, Aborted))).Kind);
        Assert.Single(models.All);
    }

    [Fact]
    public async Task A_session_waits_for_its_unloaded_model_and_goes_on_when_it_is_back()
    {
        _files.Write("m/1", 2);
        using var models = Explicit();
        var engine = EngineOf(models);
        var session = (await engine.Sessions.CreateAsync(models.Get("m", 1), new(), Aborted)).Id;
        Assert.Equal(2, await StepAsync(engine, session));

        await models.UnloadAsync("m", 1, Aborted);

        var waits = await Assert.ThrowsAsync<EngineException>(() => StepAsync(engine, session));
        Assert.Equal(ErrorKind.ModelUnloaded, waits.Kind);
        Assert.Contains("at step 1", waits.Message, StringComparison.Ordinal);

        await models.LoadAsync("m", 1, Aborted);

        Assert.Equal(4, await StepAsync(engine, session));
    }

    [Fact]
    public async Task A_session_stays_on_its_version_and_never_gets_other_weights()
    {
        _files.Write("m/1", 1);
        using var models = Explicit();
        var engine = EngineOf(models);
        var session = (await engine.Sessions.CreateAsync(models.Draw("m", null), new(), Aborted)).Id;

        _files.Write("m/2", 10);
        await models.LoadAsync("m", null, Aborted);
        Assert.Equal(1, await StepAsync(engine, session));

        _files.WriteWeights("m/1", 7);
        await models.LoadAsync("m", null, Aborted);
        Assert.Equal(ErrorKind.ModelChanged, (await Assert.ThrowsAsync<EngineException>(() => StepAsync(engine, session))).Kind);
    }

    public void Dispose() => _files.Dispose();

    ModelCatalog Explicit() => new(_files.Path, new ModelLoader(), ModelControl.Explicit, new(), Random.Shared);

    static InferenceEngine EngineOf(ModelCatalog models)
    {
        var (options, turns, time) = (new SessionOptions(), new Turns(), new FakeTimeProvider());
        return new(new SessionTable(new MemorySessionStore(options, turns, time), turns, new VisibleModels(models, () => Caller.Anyone), options, time), new(), new());
    }

    static async Task<int> CallUntilAsync(InferenceEngine engine, CancellationToken over)
    {
        var calls = 0;
        for (var last = 0f; calls < 10 || !over.IsCancellationRequested; calls++)
        {
            var output = await OutputAsync(engine);
            Assert.InRange(output, last, 101);             // a model once replaced never comes back
            last = output;
        }

        return calls;
    }

    static InferenceRequest Steps(int count) => new() { Model = "m", Input = new() { Values = [.. Enumerable.Repeat<IReadOnlyList<double>>([0], count)] } };

    static async Task<float> OutputAsync(InferenceEngine engine)
    {
        using var run = await engine.StartAsync(Steps(1), Aborted);
        return await OutputAsync(run);
    }

    static async Task<float> StepAsync(InferenceEngine engine, string session)
    {
        using var run = await engine.StartAsync(Steps(1) with { Model = null, Session = session }, Aborted);
        var output = await OutputAsync(run);
        Assert.True(await run.CommitAsync("", default));
        return output;
    }

    static async Task<float> OutputAsync(InferenceRun run) =>
        Assert.IsType<ValueVector>((await run.RunAsync(Aborted).ToListAsync(Aborted)).Single().Output).Values[0];

    [MethodImpl(MethodImplOptions.NoInlining)]
    static WeakReference Served(ModelCatalog models) => new(models.Get("m", 1));

    static void Collect()
    {
        for (var time = 0; time < 2; time++)               // what the first leaves to finalizers, the second frees
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }
}
