using System.Runtime.CompilerServices;

namespace Rnn.Client;

/// <summary>An Rnn server. Thread-safe; one for the life of a process.</summary>
/// <param name="http">With the server's address as its base; disposed by whoever made it.</param>
/// <param name="retries">How often a call that may succeed later, or whose outcome is not known, is sent again.</param>
/// <param name="key">The key, or the token, that the server asks for; null if it asks for none.</param>
public sealed class RnnClient(HttpClient http, int retries = 3, string? key = null)
{
    readonly Transport _transport = new(http, retries, key);

    /// <summary>What is served.</summary>
    /// <exception cref="RnnException">The server refuses.</exception>
    /// <exception cref="HttpRequestException">It can't be reached.</exception>
    public async Task<IReadOnlyList<ModelInfo>> GetModelsAsync(CancellationToken aborted = default) =>
        await _transport.SendAsync(Call.Get("api/v1/models"), RnnJson.Default.IReadOnlyListModelInfo, aborted);

    /// <summary>One timestep (one-to-one).</summary>
    /// <inheritdoc cref="GetModelsAsync" path="/exception"/>
    public Task<Prediction> StepAsync(string model, StepRequest request, CancellationToken aborted = default) =>
        _transport.SendAsync(Call.Post(PathOf(model, "step"), request, RnnJson.Default.StepRequest), RnnJson.Default.Prediction, aborted);

    /// <summary>Several timesteps (many-to-one, many-to-many).</summary>
    /// <inheritdoc cref="GetModelsAsync" path="/exception"/>
    public Task<Prediction> RunAsync(string model, SequenceRequest request, CancellationToken aborted = default) =>
        _transport.SendAsync(Call.Post(PathOf(model, "sequence"), request, RnnJson.Default.SequenceRequest), RnnJson.Default.Prediction, aborted);

    /// <summary>Continues the input (one-to-many), or decodes it with an encoder-decoder.</summary>
    /// <inheritdoc cref="GetModelsAsync" path="/exception"/>
    public Task<Generation> GenerateAsync(string model, GenerateRequest request, CancellationToken aborted = default) =>
        _transport.SendAsync(Call.Post(PathOf(model, "generate"), request, RnnJson.Default.GenerateRequest), RnnJson.Default.Generation, aborted);

    /// <summary>The same, each timestep as soon as it is there. The last event tells why it ended.</summary>
    /// <inheritdoc cref="GetModelsAsync" path="/exception"/>
    public IAsyncEnumerable<GenerationEvent> StreamAsync(string model, GenerateRequest request, CancellationToken aborted = default) =>
        _transport.StreamAsync(Call.Post(PathOf(model, "generate"), request with { Stream = true }, RnnJson.Default.GenerateRequest), aborted);

    /// <summary>How probable a text is.</summary>
    /// <inheritdoc cref="GetModelsAsync" path="/exception"/>
    public Task<Score> ScoreAsync(string model, ScoreRequest request, CancellationToken aborted = default) =>
        _transport.SendAsync(Call.Post(PathOf(model, "score"), request, RnnJson.Default.ScoreRequest), RnnJson.Default.Score, aborted);

    /// <summary>How series go on.</summary>
    /// <inheritdoc cref="GetModelsAsync" path="/exception"/>
    public Task<ForecastReply> ForecastAsync(string model, ForecastRequest request, CancellationToken aborted = default) =>
        _transport.SendAsync(Call.Post(PathOf(model, "forecast"), request, RnnJson.Default.ForecastRequest), RnnJson.Default.ForecastReply, aborted);

    /// <summary>A session that begins in the model's initial state, or in the state of the request.</summary>
    /// <inheritdoc cref="GetModelsAsync" path="/exception"/>
    public async Task<RnnSession> CreateSessionAsync(CreateSessionRequest request, CancellationToken aborted = default) =>
        new(_transport, await _transport.SendAsync(
            Call.Post("api/v1/sessions", request, RnnJson.Default.CreateSessionRequest) with { MayRepeat = false }, RnnJson.Default.SessionInfo, aborted));

    /// <summary>A session that is there already.</summary>
    /// <inheritdoc cref="GetModelsAsync" path="/exception"/>
    public async Task<RnnSession> GetSessionAsync(string id, CancellationToken aborted = default) =>
        new(_transport, await _transport.SendAsync(Call.Get(RnnSession.PathOf(id)), RnnJson.Default.SessionInfo, aborted));

    /// <summary>All sessions in the order of their IDs.</summary>
    /// <param name="model">Only those of this model.</param>
    /// <param name="tag">Only those with this tag.</param>
    /// <param name="aborted">Ends it.</param>
    /// <inheritdoc cref="GetModelsAsync" path="/exception"/>
    public async IAsyncEnumerable<SessionInfo> ListSessionsAsync(
        string? model = null, string? tag = null, [EnumeratorCancellation] CancellationToken aborted = default)
    {
        string? after = null;
        do
        {
            var query = string.Join('&', new[] { ("after", after), ("model", model), ("tag", tag) }
                .Where(item => item.Item2 is not null)
                .Select(item => $"{item.Item1}={Uri.EscapeDataString(item.Item2!)}"));
            var page = await _transport.SendAsync(Call.Get($"api/v1/sessions?{query}"), RnnJson.Default.SessionPage, aborted);
            foreach (var session in page.Sessions)
            {
                yield return session;
            }

            after = page.Next;
        }
        while (after is not null);
    }

    static string PathOf(string model, string call) => $"api/v1/models/{Uri.EscapeDataString(model)}/{call}";
}
