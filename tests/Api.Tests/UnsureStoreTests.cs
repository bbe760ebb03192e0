using System.Net;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Rnn.Engine;
using Rnn.Engine.Sessions;
using static Rnn.Api.Tests.RnnApplication;

namespace Rnn.Api.Tests;

/// <summary>A store that makes a change and can't tell so: only a call that is safe to be sent twice is told to be sent again.</summary>
public sealed class UnsureStoreTests
{
    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null, null, "false")]
    [InlineData("If-Match", "*", "false")]
    [InlineData("If-Match", "\"0\"", "true")]
    [InlineData("Idempotency-Key", "key", "true")]
    public async Task A_call_that_may_have_been_applied_is_worth_sending_again_if_it_is_applied_once_however_often_it_is_sent(
        string? header, string? value, string isWorthIt)
    {
        using var application = new RnnApplication();
        using var host = application.WithWebHostBuilder(builder => builder.ConfigureTestServices(services =>
            services.AddSingleton<ISessionStore>(provider => new UnsureStore(new MemorySessionStore(
                provider.GetRequiredService<SessionOptions>(), provider.GetRequiredService<Turns>(), provider.GetRequiredService<TimeProvider>())))));
        using var client = host.CreateClient();
        var session = await NewSessionAsync(client, "names");
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/sessions/{session}/step")
        {
            Content = new StringContent("""{"text":"T"}""", System.Text.Encoding.UTF8, "application/json"),
        };
        if (header is not null)
        {
            request.Headers.TryAddWithoutValidation(header, value);
        }

        using var response = await client.SendAsync(request, Aborted);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(isWorthIt, response.Headers.GetValues("x-should-retry").Single());
        Assert.Equal(isWorthIt == "true", response.Headers.RetryAfter is not null);
        Assert.Equal(1, (long)(await GetAsync(client, $"/api/v1/sessions/{session}"))["step"]!);
    }

    sealed class UnsureStore(MemorySessionStore store) : ISessionStore
    {
        public ValueTask<SessionRecord?> ReadAsync(string id, bool latest, CancellationToken aborted) => store.ReadAsync(id, latest, aborted);

        public async ValueTask<bool> WriteAsync(SessionRecord record, long replaced)
        {
            var isKept = await store.WriteAsync(record, replaced);
            return replaced == 0 ? isKept : throw new EngineException(ErrorKind.StoreUnavailable, "The connection was lost.") { IsUnsure = true };
        }

        public ValueTask<IReadOnlyList<SessionSummary>> ListAsync(SessionQuery query, CancellationToken aborted) => store.ListAsync(query, aborted);

        public ValueTask SweepAsync(CancellationToken aborted) => store.SweepAsync(aborted);

        public ValueTask ProbeAsync(CancellationToken aborted) => store.ProbeAsync(aborted);
    }
}
