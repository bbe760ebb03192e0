using System.Net;
using Rnn.Client;

namespace Rnn.Api.Tests.Clients;

/// <summary>The C# client against the real host.</summary>
public sealed class ClientTests(RnnApplication application) : IClassFixture<RnnApplication>
{
    readonly RnnClient _client = new(application.CreateClient());

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_lists_models_and_predicts_with_each_kind_of_call()
    {
        var models = await _client.GetModelsAsync(Aborted);
        var step = await _client.StepAsync("austen", new() { Text = "q", Top = 2 }, Aborted);
        var label = await _client.RunAsync("names", new() { Text = "Nakamura" }, Aborted);
        var all = await _client.RunAsync("names", new() { Text = "Naka", Return = Readout.All }, Aborted);
        var text = await _client.GenerateAsync("austen", new() { Text = "Emma", MaxLength = 12, Seed = 3 }, Aborted);

        Assert.Contains(models, model => model is { Name: "austen", Generates: true, Causal: true });
        Assert.Equal("u", step.Output.Text);
        Assert.Equal(2, step.Output.Candidates!.Count);
        Assert.Equal("Japanese", label.Output.Label);
        Assert.Equal(4, all.Outputs!.Count);
        Assert.Equal(12, text.Text!.Length);
        Assert.Equal((16, 3UL, "length"), (text.Step, text.Seed!.Value, text.Finish));
    }

    [Fact]
    public async Task A_stream_gives_the_text_of_the_whole_reply_and_ends_with_why()
    {
        var request = new GenerateRequest { Text = "Emma", MaxLength = 40, Seed = 5 };
        var whole = await _client.GenerateAsync("austen", request, Aborted);

        var events = await _client.StreamAsync("austen", request, Aborted).ToListAsync(Aborted);

        Assert.Equal(whole.Text, string.Concat(events.Select(item => item.Text)));
        Assert.Equal(("length", whole.Seed), (events[^1].Finish, events[^1].Seed));
    }

    [Fact]
    public async Task A_session_forecasts_what_its_model_does_of_what_it_has_read()
    {
        var start = new DateTimeOffset(2014, 1, 4, 8, 0, 0, TimeSpan.FromHours(8));
        IReadOnlyList<double?> hour = [95, -3, -7, 1025, 0.89];
        IReadOnlyList<IReadOnlyList<double?>> weather = [[-2, -8, 1026, 1.79]];
        var session = await _client.CreateSessionAsync(new() { Model = "air" }, Aborted);
        await session.StepAsync(new() { Values = [95, -3, -7, 1025, 0.89, 8, 4] }, aborted: Aborted);

        var stateless = await _client.ForecastAsync(
            "air", new() { Series = [new() { Id = "a", Start = start, Interval = "PT1H", Values = [hour], Future = weather }], Quantiles = [0.1, 0.9], Seed = 1, Horizon = 2 }, Aborted);
        var stateful = await session.ForecastAsync(new() { Start = start.AddHours(1), Interval = "PT1H", Future = weather, Quantiles = [0.1, 0.9], Seed = 1, Horizon = 2 }, Aborted);

        var (first, second) = (stateless.Forecasts[0], stateful.Forecasts[0]);
        Assert.Equal(("a", null, start.AddHours(2)), (first.Id, second.Id, second.Steps[1].Timestamp));
        Assert.Equal(first.Steps.Select(step => step.Values[0]), second.Steps.Select(step => step.Values[0]));
        Assert.InRange(second.Steps[1].Values[0], second.Steps[1].Quantiles!["0.1"][0], second.Steps[1].Quantiles!["0.9"][0]);
        Assert.Equal(1, (await session.RefreshAsync(Aborted)).Step);
    }

    [Fact]
    public async Task A_session_goes_on_forks_goes_back_moves_its_state_and_ends()
    {
        var session = await _client.CreateSessionAsync(new() { Model = "names", History = 10, Tags = ["client"] }, Aborted);
        await session.RunAsync(new() { Text = "Naka" }, aborted: Aborted);
        var fork = await session.ForkAsync(new() { Step = 2 }, Aborted);
        var whole = await session.RunAsync(new() { Text = "mura" }, aborted: Aborted);
        var peek = await fork.RunAsync(new() { Text = "kamura", Commit = false }, aborted: Aborted);
        Assert.Equal(8, (await session.RefreshAsync(Aborted)).Step);
        Assert.Equal(whole.Output, peek.Output with { Candidates = whole.Output.Candidates });
        Assert.Equal(2, (await fork.RefreshAsync(Aborted)).Step);

        await fork.PutStateAsync(await session.GetStateAsync(aborted: Aborted), Aborted);
        Assert.Equal(8, fork.Info.Step);
        await session.RewindAsync(4, Aborted);
        Assert.Equal(4, session.Info.Step);
        await session.ResetAsync(Aborted);
        Assert.Equal(0, session.Info.Step);

        Assert.Contains(session.Id, await _client.ListSessionsAsync(tag: "client", aborted: Aborted).Select(info => info.Id).ToListAsync(Aborted));
        await session.DeleteAsync(Aborted);
        await session.DeleteAsync(Aborted);
        Assert.Equal("session-ended", (await Assert.ThrowsAsync<RnnException>(() => session.RefreshAsync(Aborted))).Kind);
    }

    [Fact]
    public async Task A_step_whose_reply_is_lost_is_applied_once()
    {
        using var lossy = new LosingReplies(application.Server.CreateHandler());
        using var http = new HttpClient(lossy) { BaseAddress = application.Server.BaseAddress };
        var session = await new RnnClient(http).CreateSessionAsync(new() { Model = "names" }, Aborted);

        lossy.Losses = 2;
        var reply = await session.StepAsync(new() { Text = "N" }, aborted: Aborted);

        Assert.Equal(0, lossy.Losses);
        Assert.True(reply.IsReplayed);
        Assert.Equal(1, reply.Step);
        Assert.Equal(1, (await session.RefreshAsync(Aborted)).Step);
    }

    [Fact]
    public async Task A_session_is_not_created_twice_and_a_client_gives_up_after_its_retries()
    {
        using var lossy = new LosingReplies(application.Server.CreateHandler()) { Losses = 100 };
        using var http = new HttpClient(lossy) { BaseAddress = application.Server.BaseAddress };
        var client = new RnnClient(http, retries: 1);

        await Assert.ThrowsAsync<HttpRequestException>(() => client.CreateSessionAsync(new() { Model = "names" }, Aborted));
        Assert.Equal(99, lossy.Losses);
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetModelsAsync(Aborted));
        Assert.Equal(97, lossy.Losses);
    }

    [Fact]
    public async Task A_call_can_ask_where_the_session_is()
    {
        var session = await _client.CreateSessionAsync(new() { Model = "names" }, Aborted);
        var first = await session.StepAsync(new() { Text = "N" }, aborted: Aborted);
        await session.StepAsync(new() { Text = "a" }, new() { IfMatch = first.Tag }, Aborted);

        var refused = await Assert.ThrowsAsync<RnnException>(() => session.StepAsync(new() { Text = "a" }, new() { IfMatch = first.Tag }, Aborted));

        Assert.Equal(("step-mismatch", HttpStatusCode.PreconditionFailed), (refused.Kind, refused.Status));
    }

    [Fact]
    public async Task What_the_server_says_of_a_fault_comes_as_an_exception()
    {
        var refused = await Assert.ThrowsAsync<RnnException>(
            () => _client.GenerateAsync("austen", new() { Text = "Emma", Temperature = -1 }, Aborted));

        Assert.Equal(("invalid-input", "/temperature"), (refused.Kind, refused.Errors.Single().Pointer));
        Assert.Contains("temperature", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>A network that loses replies: the server has done its work, and the client does not know.</summary>
    sealed class LosingReplies(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        public int Losses { get; set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (Losses == 0)
            {
                return response;
            }

            Losses--;
            response.Dispose();
            throw new HttpRequestException(HttpRequestError.ResponseEnded, "The reply was lost.");
        }
    }
}
