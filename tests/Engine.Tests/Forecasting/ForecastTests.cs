using Rnn.Engine.Codecs;
using Rnn.Engine.Forecasting;
using Rnn.Engine.Layers;
using Rnn.Engine.Models;
using Rnn.Engine.Sampling;

namespace Rnn.Engine.Tests.Forecasting;

public sealed class ForecastTests
{
    const int Horizon = 7;

    static readonly DateTimeOffset Start = new(2013, 11, 30, 20, 0, 0, TimeSpan.FromHours(8));
    static readonly Interval Hour = new(0, TimeSpan.FromHours(1));

    // warmth, wind, dust
    static readonly double?[][] Past = [[281, 2.5, 40], [282.5, 1, 55], [280, 0.25, 130], [279.5, 3, 90]];
    static readonly double?[][] Future = [[1], [2], [3.5], [0.5], [4], [2], [9]];

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    static ForecastSeries Series => new() { Values = Past, Future = Future, Times = new Timeline([Start], Hour) };

    [Theory]
    [InlineData(RandomForecaster.Values)]
    [InlineData(RandomForecaster.Gaussian)]
    [InlineData(RandomForecaster.Quantiles)]
    public async Task Without_samples_the_points_are_fed_back(string head)
    {
        var model = RandomForecaster.Load(head);

        var forecast = await ForecastAsync(model, Plan(Series) with { Horizon = Horizon });

        var expected = ByHand(model, Past, (output, numeric) => numeric.Points(output));
        Assert.Equal(expected, forecast.Steps.Select(step => step.Values));
        Assert.Equal(Enumerable.Range(4, Horizon).Select(hours => (DateTimeOffset?)Start.AddHours(hours)), forecast.Steps.Select(step => step.Time));
        Assert.Null(forecast.Seed);
        Assert.Equal(0, forecast.Imputed);
    }

    [Theory]
    [InlineData(RandomForecaster.Gaussian, 1)]
    [InlineData(RandomForecaster.Gaussian, 300)]           // more than run at once
    [InlineData(RandomForecaster.Quantiles, 3)]
    public async Task Each_path_is_drawn_by_a_stream_of_its_own(string head, int samples)
    {
        var model = RandomForecaster.Load(head);

        var forecast = await ForecastAsync(model, Plan(Series) with { Horizon = Horizon, Samples = samples, Seed = 77, TellsPaths = true });

        Assert.Equal(samples, forecast.Paths!.Count);
        foreach (var path in new[] { 0, samples / 2, samples - 1 })
        {
            var random = new Pcg32(Seeds.Of(77, path + 1));
            var expected = ByHand(model, Past, (output, numeric) => Draw((ProbabilisticHead)numeric, output, random));
            Assert.Equal(expected, forecast.Paths[path]);
        }
    }

    [Fact]
    public async Task A_series_alone_has_the_bits_that_it_has_among_others()
    {
        var model = RandomForecaster.Load(RandomForecaster.Gaussian);
        var series = Enumerable.Range(0, 5)
            .Select(index => Series with { Id = $"{index}", Values = [.. Past[..(1 + index % 4)], .. Past, [290, 1, null], [281, 1, 20.0 + index]] })
            .ToList();
        var plan = Plan([.. series]) with { Horizon = Horizon, Samples = 70, Quantiles = [0.2], Seed = 3 };

        var together = (await new TestEngine(models: model).Engine.ForecastAsync(plan, Aborted)).Forecasts;

        Assert.Equal(["0", "1", "2", "3", "4"], together.Select(forecast => forecast.Id));
        Assert.NotEqual(together[1].Steps[0].Values, together[2].Steps[0].Values);
        foreach (var (index, forecast) in together.Index())
        {
            var alone = await ForecastAsync(model, plan with { Series = _ => [series[index]], Seed = forecast.Seed });
            Assert.Equal(forecast.Steps.Select(step => step.Values), alone.Steps.Select(step => step.Values));
            Assert.Equal(forecast.Steps.Select(step => step.Quantiles[0]), alone.Steps.Select(step => step.Quantiles[0]));
        }
    }

    [Fact]
    public async Task Quantiles_and_values_are_those_of_the_paths()
    {
        var forecast = await ForecastAsync(
            RandomForecaster.Load(RandomForecaster.Gaussian),
            Plan(Series) with { Horizon = Horizon, Quantiles = [0.9, 0.25], TellsPaths = true });

        Assert.Equal(ForecastPlan.UsualSamples, forecast.Paths!.Count);
        for (var step = 0; step < Horizon; step++)
        {
            for (var target = 0; target < 2; target++)
            {
                var drawn = forecast.Paths.Select(path => path[step][target]).Order().ToArray();
                Assert.Equal(Summary.Quantile(drawn, 0.5), forecast.Steps[step].Values[target]);
                Assert.Equal(Summary.Quantile(drawn, 0.9), forecast.Steps[step].Quantiles[0][target]);
                Assert.Equal(Summary.Quantile(drawn, 0.25), forecast.Steps[step].Quantiles[1][target]);
            }
        }
    }

    [Fact]
    public void Quantiles_of_paths_are_those_of_NumPy()
    {
        float[] sorted = [1, 2, 4, 8, 16];

        Assert.Equal(1.4f, Summary.Quantile(sorted, 0.1));
        Assert.Equal(4, Summary.Quantile(sorted, 0.5));
        Assert.Equal(14.4f, Summary.Quantile(sorted, 0.95));
        Assert.Equal(3, Summary.Quantile([3], 0.3));
    }

    [Fact]
    public async Task Quantiles_of_one_timestep_are_the_models_own()
    {
        var model = RandomForecaster.Load(RandomForecaster.Gaussian);
        float[] raw = [];
        ByHand(model, Past, (output, numeric) =>
        {
            raw = raw is [] ? [.. output] : raw;
            return numeric.Points(output);
        });

        var forecast = await ForecastAsync(model, Plan(Series with { Future = [] }) with { Horizon = 1, Quantiles = [0.05, 0.5] });

        var head = (ProbabilisticHead)model.Output;
        Assert.Null(forecast.Seed);
        Assert.Equal([head.Quantile(raw, 0, 0.05), head.Quantile(raw, 1, 0.05)], forecast.Steps[0].Quantiles[0]);
        Assert.Equal(forecast.Steps[0].Values, forecast.Steps[0].Quantiles[1]);
    }

    [Fact]
    public async Task Drawn_quantiles_of_one_timestep_come_near_the_models_own()
    {
        var model = RandomForecaster.Load(RandomForecaster.Quantiles);
        var plan = Plan(Series) with { Horizon = 1, Quantiles = [0.1, 0.5, 0.9], Seed = 1 };

        var own = (await ForecastAsync(model, plan)).Steps[0].Quantiles;
        var drawn = (await ForecastAsync(model, plan with { Samples = 1_000 })).Steps[0].Quantiles;

        for (var target = 0; target < 2; target++)
        {
            var width = own[2][target] - own[0][target];
            Assert.All(own.Zip(drawn), pair => Assert.Equal(pair.First[target], pair.Second[target], 0.1 * width));
        }
    }

    [Fact]
    public async Task A_session_goes_on_as_the_series_does_and_stays_where_it_is()
    {
        var model = RandomForecaster.Load(RandomForecaster.Gaussian);
        var test = new TestEngine(models: model);
        var id = await test.NewSessionAsync("test");
        await test.RunAsync(new InferenceRequest
        {
            Session = id,
            Input = new() { Values = [.. Past.Index().Select(row => Row(row.Item, Start.AddHours(row.Index)))] },
        });
        var before = StateCodec.Encode((await test.Sessions.GetStateAsync(id, null, Aborted)).State);
        var plan = new ForecastPlan
        {
            Session = id,
            Series = _ => [new() { Future = Future, Times = new Timeline([Start.AddHours(4)], Hour) }],
            Horizon = Horizon,
            Samples = 5,
            Seed = 8,
            TellsPaths = true,
        };

        var ofSession = await test.Engine.ForecastAsync(plan, Aborted);
        var again = await test.Engine.ForecastAsync(plan, Aborted);

        var ofSeries = await ForecastAsync(model, plan with { Session = null, Model = "test", Series = _ => [Series] });
        Assert.Equal(ofSeries.Paths, ofSession.Forecasts[0].Paths);
        Assert.Equal(ofSeries.Paths, again.Forecasts[0].Paths);
        Assert.Equal(ofSeries.Steps.Select(step => step.Time), ofSession.Forecasts[0].Steps.Select(step => step.Time));
        Assert.Equal(before, StateCodec.Encode((await test.Sessions.GetStateAsync(id, null, Aborted)).State));
        Assert.Equal(4, ofSession.Session!.State.Step);
    }

    [Fact]
    public async Task What_is_missing_is_what_the_model_predicts_or_a_covariates_last_value()
    {
        var model = RandomForecaster.Load(RandomForecaster.Gaussian);
        double?[][] gaps = [Past[0], [null, null, 55], [282, 2, null], [null, null, null], null!, [281, 2, 60]];
        double?[][] future = [[null], null!, [3.5], [0.5], [null], [2]];

        var forecast = await ForecastAsync(model, Plan(Series with { Values = gaps, Future = future }) with { Horizon = Horizon });

        var (state, output) = (new RecurrentState(model.Layout), new float[4]);
        double?[][] filled = new double?[gaps.Length][];
        for (var t = 0; t < gaps.Length; t++)
        {
            var predicted = t == 0 ? [] : ((NumericHead)model.Output).Points(output);
            filled[t] =
            [
                gaps[t]?[0] ?? predicted[1],
                gaps[t]?[1] ?? filled[t - 1][1],
                gaps[t]?[2] ?? predicted[0],
            ];
            Step(model, state, Row(filled[t], Start.AddHours(t)), output);
        }

        double?[][] known = [[2], [2], [3.5], [0.5], [0.5], [2]];
        Assert.Equal(ByHand(model, filled, (raw, numeric) => numeric.Points(raw), known), forecast.Steps.Select(step => step.Values));
        Assert.Equal(12, forecast.Imputed);
    }

    [Fact]
    public async Task Skipped_timesteps_are_skipped_here_too()
    {
        using var folder = new ModelFolder(
            """
            {
              "format": 1,
              "input": { "kind": "features", "features": [{ "name": "x" }] },
              "layers": [{ "kind": "masking" }, { "kind": "elman", "name": "rnn", "hiddenSize": 1 }],
              "output": { "kind": "values", "values": [{ "name": "x" }] }
            }
            """,
            ("rnn.weight_ih_l0", [1, 1], [0.5f]), ("rnn.weight_hh_l0", [1, 1], [0.7f]), ("rnn.bias_ih_l0", [1], [0.1f]), ("rnn.bias_hh_l0", [1], [0]));
        var model = folder.Load();

        var plain = await ForecastAsync(model, Plan(new ForecastSeries { Values = [[1], [2]] }) with { Horizon = 3 });
        var skipping = await ForecastAsync(model, Plan(new ForecastSeries { Values = [[0], [1], [0], [2], [0]] }) with { Horizon = 3 });
        var missing = await ForecastAsync(model, Plan(new ForecastSeries { Values = [[1], [0], [2], [null]] }) with { Horizon = 2 });

        Assert.Equal(plain.Steps.Select(step => step.Values), skipping.Steps.Select(step => step.Values));
        Assert.Equal(plain.Steps.Skip(1).Select(step => step.Values), missing.Steps.Select(step => step.Values));
    }

    [Fact]
    public async Task The_horizon_is_as_long_as_the_future_if_nobody_says()
    {
        var plan = Plan(Series, Series with { Future = Future[..3] });

        var forecasts = (await new TestEngine(models: RandomForecaster.Load(RandomForecaster.Values)).Engine.ForecastAsync(plan, Aborted)).Forecasts;

        Assert.All(forecasts, forecast => Assert.Equal(3, forecast.Steps.Count));
    }

    [Fact]
    public async Task A_caller_who_has_gone_gets_nothing()
    {
        var test = new TestEngine(models: RandomForecaster.Load(RandomForecaster.Gaussian));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => test.Engine.ForecastAsync(Plan(Series) with { Horizon = Horizon }, new CancellationToken(canceled: true)));
    }

    public static TheoryData<string, Func<ForecastSeries, ForecastSeries>> Refusals => new()
    {
        { "/series/1/values", series => series with { Values = [] } },
        { "/series/1/values/0/2", series => series with { Values = [[280, 1, null]] } },
        { "/series/1/values/0/0", series => series with { Values = [[null, 1, 4]] } },
        { "/series/1/values/0/1", series => series with { Values = [[280, null, 4]] } },
        { "/series/1/values/0/1", series => series with { Values = [null] } },
        { "/series/1/values/2", series => series with { Values = [.. Past[..2], [1, 2]] } },
        { "/series/1/values/2/0", series => series with { Values = [.. Past[..2], [1e300, 2, 3]] } },
        { "/series/1/values/2/1", series => series with { Values = [.. Past[..2], [1, double.NaN, 3]] } },
        { "/series/1/values/2/2", series => series with { Values = [.. Past[..2], [1, 2, -1]] } },       // ln 0
        { "/series/1/future", series => series with { Future = Future[..(Horizon - 2)] } },
        { "/series/1/future/3", series => series with { Future = [.. Future[..3], [1, 2], .. Future] } },
        { "/series/1/future/3/0", series => series with { Future = [.. Future[..3], [1e39], .. Future] } },
        { "/series/1/future/6/0", series => series with { Future = [.. Future[..6], [1e39]] } },
        { "/series/1/start", series => series with { Times = null } },
        { "/series/1/interval", series => series with { Times = new Timeline([Start], null) } },
        { "/series/1/interval", series => series with { Times = new Timeline([DateTimeOffset.MaxValue.AddHours(-5)], Hour) } },
        { "/series/1/interval", series => series with { Times = new Timeline([Start], new(int.MaxValue, TimeSpan.MaxValue)) } },
        { "/series/1/timestamps/1", series => series with { Times = new Timeline([Start, Start], Hour) } },
    };

    [Theory]
    [MemberData(nameof(Refusals), DisableDiscoveryEnumeration = true)]
    public async Task A_series_that_can_not_be_used_is_pointed_at(string pointer, Func<ForecastSeries, ForecastSeries> spoil)
    {
        var plan = Plan(Series with { Pointer = "/series/0" }, spoil(Series) with { Pointer = "/series/1" }) with { Horizon = Horizon };

        await RefusedAsync(pointer, plan);
    }

    [Fact]
    public async Task A_plan_that_asks_for_too_much_is_pointed_at()
    {
        var plan = Plan(Series) with { Horizon = Horizon };
        await RefusedAsync("/series", plan with { Series = _ => [] });
        await RefusedAsync("/horizon", plan with { Horizon = 0 });
        await RefusedAsync("/horizon", plan with { Horizon = 4_097 });
        await RefusedAsync("/horizon", Plan(Series with { Future = [] }));
        await RefusedAsync("/samples", plan with { Samples = 0 });
        await RefusedAsync("/samples", plan with { Samples = 1_001 });
        await RefusedAsync("/samples", plan with { Samples = 1_000, Horizon = 66 });
        await RefusedAsync("/quantiles/1", plan with { Quantiles = [0.5, 1] });
        await RefusedAsync("/quantiles/0", plan with { Quantiles = [double.NaN] });
        await RefusedAsync("/quantiles/1", plan with { Quantiles = [0.5, 0.5] });
        await RefusedAsync("/quantiles", plan with { Quantiles = [.. Enumerable.Range(1, 100).Select(percent => percent / 101.0)] });
        await RefusedAsync("/series", plan with { Series = _ => [.. Enumerable.Repeat(Series, 20_000)] });
    }

    [Fact]
    public async Task A_model_of_points_has_nothing_to_draw_from()
    {
        var plan = Plan(Series) with { Horizon = Horizon };

        await RefusedAsync("/quantiles", plan with { Quantiles = [0.5] }, RandomForecaster.Values, ErrorKind.NotSupported);
        await RefusedAsync("/samples", plan with { Samples = 1 }, RandomForecaster.Values, ErrorKind.NotSupported);
        await RefusedAsync("/paths", plan with { TellsPaths = true }, RandomForecaster.Values, ErrorKind.NotSupported);
    }

    [Theory]
    [InlineData(TestEngine.Characters)]
    [InlineData(TestEngine.Features)]
    public async Task A_model_whose_outputs_are_no_features_does_not_forecast(string model)
    {
        var refused = await Assert.ThrowsAsync<EngineException>(
            () => new TestEngine().Engine.ForecastAsync(Plan(Series) with { Model = model, Horizon = 1 }, Aborted));

        Assert.Equal(ErrorKind.NotSupported, refused.Kind);
    }

    [Fact]
    public async Task A_session_that_has_read_nothing_and_one_that_is_given_a_past_are_refused()
    {
        var test = new TestEngine(models: RandomForecaster.Load(RandomForecaster.Gaussian));
        var id = await test.NewSessionAsync("test");
        var plan = new ForecastPlan { Session = id, Series = _ => [Series with { Values = [] }], Horizon = 2 };

        Assert.Equal("", (await ThrowsAsync(plan)).Pointer);
        Assert.Equal("/values", (await ThrowsAsync(plan with { Series = _ => [Series] })).Pointer);
        Assert.Equal("/series", (await ThrowsAsync(plan with { Series = _ => [Series, Series] })).Pointer);
        Assert.Equal(ErrorKind.StepMismatch, (await ThrowsAsync(plan with { ExpectedTag = "1" })).Kind);

        Task<EngineException> ThrowsAsync(ForecastPlan refused) => Assert.ThrowsAsync<EngineException>(() => test.Engine.ForecastAsync(refused, Aborted));
    }

    static ForecastPlan Plan(params ForecastSeries[] series) => new() { Model = "test", Series = _ => series };

    static async Task<Forecast> ForecastAsync(RecurrentModel model, ForecastPlan plan) =>
        Assert.Single((await new TestEngine(models: model).Engine.ForecastAsync(plan, Aborted)).Forecasts);

    static async Task RefusedAsync(
        string pointer, ForecastPlan plan, string head = RandomForecaster.Gaussian, ErrorKind kind = ErrorKind.InvalidInput)
    {
        var refused = await Assert.ThrowsAsync<EngineException>(
            () => new TestEngine(models: RandomForecaster.Load(head)).Engine.ForecastAsync(plan, Aborted));
        Assert.Equal((kind, pointer), (refused.Kind, refused.Pointer));
    }

    /// <summary>A forecast as a loop of single steps.</summary>
    static List<float[]> ByHand(RecurrentModel model, double?[][] past, Func<float[], NumericHead, float[]> take, double?[][]? future = null)
    {
        var (state, output, values) = (new RecurrentState(model.Layout), new float[model.Output.Size], new List<float[]>());
        foreach (var (t, row) in past.Index())
        {
            Step(model, state, Row(row, Start.AddHours(t)), output);
        }

        for (var step = 0; step < Horizon; step++)
        {
            values.Add(take(output, (NumericHead)model.Output));
            if (step + 1 < Horizon)
            {
                Step(model, state, Row([values[^1][1], (future ?? Future)[step][0], values[^1][0]], Start.AddHours(past.Length + step)), output);
            }
        }

        return values;
    }

    static double[] Row(double?[] given, DateTimeOffset time) => [time.Hour, given[0]!.Value, given[1]!.Value, time.Month, given[2]!.Value];

    static void Step(RecurrentModel model, RecurrentState state, double[] row, float[] output) =>
        model.Run([state], 1, model.Input.Encode(new() { Vector = row })[0], [0], output);

    static float[] Draw(ProbabilisticHead head, float[] output, Pcg32 random) =>
        [head.Quantile(output, 0, random.NextProbability()), head.Quantile(output, 1, random.NextProbability())];
}
