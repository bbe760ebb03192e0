using System.Net;
using System.Net.Http.Headers;
using System.Net.Mime;
using System.Text.Json.Serialization.Metadata;

namespace Rnn.Client;

/// <summary>
/// A session on the server: its state goes on with every call, and each call moves it once, however often the network makes the
/// client send it. Calls of one session run one after the other in the order in which the server gets them.
/// </summary>
public sealed class RnnSession
{
    readonly Transport _transport;

    internal RnnSession(Transport transport, SessionInfo info)
    {
        _transport = transport;
        Info = info;
    }

    /// <summary>Its ID.</summary>
    public string Id => Info.Id;

    /// <summary>What the server told of it when this object was made, or <see cref="RefreshAsync"/> was called last.</summary>
    public SessionInfo Info { get; private set; }

    /// <summary>Asks the server again how the session is.</summary>
    /// <inheritdoc cref="RnnClient.GetModelsAsync" path="/exception"/>
    public async Task<SessionInfo> RefreshAsync(CancellationToken aborted = default) =>
        Info = await _transport.SendAsync(Call.Get(PathOf(Id)), RnnJson.Default.SessionInfo, aborted);

    /// <summary>One timestep from the session's state, which moves on.</summary>
    /// <param name="request">The input.</param>
    /// <param name="options">When to apply it.</param>
    /// <param name="aborted">Ends it.</param>
    /// <inheritdoc cref="RnnClient.GetModelsAsync" path="/exception"/>
    public Task<Prediction> StepAsync(StepRequest request, CallOptions? options = null, CancellationToken aborted = default) =>
        CallAsync("step", request, RnnJson.Default.StepRequest, RnnJson.Default.Prediction, options, aborted);

    /// <summary>Several timesteps from the session's state, which moves on.</summary>
    /// <inheritdoc cref="StepAsync" path="/param"/>
    /// <inheritdoc cref="RnnClient.GetModelsAsync" path="/exception"/>
    public Task<Prediction> RunAsync(SequenceRequest request, CallOptions? options = null, CancellationToken aborted = default) =>
        CallAsync("sequence", request, RnnJson.Default.SequenceRequest, RnnJson.Default.Prediction, options, aborted);

    /// <summary>Compares what came with what had been predicted, and goes on.</summary>
    /// <inheritdoc cref="StepAsync" path="/param"/>
    /// <inheritdoc cref="RnnClient.GetModelsAsync" path="/exception"/>
    public Task<Observation> ObserveAsync(ObserveRequest request, CallOptions? options = null, CancellationToken aborted = default) =>
        CallAsync("observe", request, RnnJson.Default.ObserveRequest, RnnJson.Default.Observation, options, aborted);

    /// <summary>Goes on from the session's state; an input is read first.</summary>
    /// <inheritdoc cref="StepAsync" path="/param"/>
    /// <inheritdoc cref="RnnClient.GetModelsAsync" path="/exception"/>
    public Task<Generation> GenerateAsync(GenerateRequest request, CallOptions? options = null, CancellationToken aborted = default) =>
        CallAsync("generate", request, RnnJson.Default.GenerateRequest, RnnJson.Default.Generation, options, aborted);

    /// <summary>The same, each timestep as soon as it is there; whoever leaves, leaves the session at the last one that was sent.</summary>
    /// <inheritdoc cref="StepAsync" path="/param"/>
    /// <inheritdoc cref="RnnClient.GetModelsAsync" path="/exception"/>
    public IAsyncEnumerable<GenerationEvent> StreamAsync(GenerateRequest request, CallOptions? options = null, CancellationToken aborted = default) =>
        _transport.StreamAsync(
            Call.Post(PathOf(Id, "generate"), request with { Stream = true }, RnnJson.Default.GenerateRequest) with { Options = options ?? new() }, aborted);

    /// <summary>How probable a text would be from here. The session stays where it is.</summary>
    /// <inheritdoc cref="RnnClient.GetModelsAsync" path="/exception"/>
    public Task<Score> ScoreAsync(ScoreRequest request, CancellationToken aborted = default) =>
        _transport.SendAsync(Call.Post(PathOf(Id, "score"), request, RnnJson.Default.ScoreRequest), RnnJson.Default.Score, aborted);

    /// <summary>How it goes on from here. The session stays where it is.</summary>
    /// <inheritdoc cref="RnnClient.GetModelsAsync" path="/exception"/>
    public Task<ForecastReply> ForecastAsync(ForecastRequest request, CancellationToken aborted = default) =>
        _transport.SendAsync(Call.Post(PathOf(Id, "forecast"), request, RnnJson.Default.ForecastRequest), RnnJson.Default.ForecastReply, aborted);

    /// <summary>Finds units in the hidden states that it keeps.</summary>
    /// <inheritdoc cref="RnnClient.GetModelsAsync" path="/exception"/>
    public Task<UnitReply> FindUnitsAsync(UnitRequest request, CancellationToken aborted = default) =>
        _transport.SendAsync(Call.Post(PathOf(Id, "units"), request, RnnJson.Default.UnitRequest), RnnJson.Default.UnitReply, aborted);

    /// <summary>A session that goes its own way from here, or from an earlier step that is kept.</summary>
    /// <inheritdoc cref="RnnClient.GetModelsAsync" path="/exception"/>
    public async Task<RnnSession> ForkAsync(ForkRequest? request = null, CancellationToken aborted = default) =>
        new(_transport, await _transport.SendAsync(
            Call.Post(PathOf(Id, "fork"), request ?? new(), RnnJson.Default.ForkRequest) with { MayRepeat = false }, RnnJson.Default.SessionInfo, aborted));

    /// <summary>Back to an earlier step that is kept.</summary>
    /// <inheritdoc cref="RnnClient.GetModelsAsync" path="/exception"/>
    public async Task RewindAsync(long step, CancellationToken aborted = default) =>
        Info = await _transport.SendAsync(
            Call.Post(PathOf(Id, "rewind"), new(step), RnnJson.Default.RewindRequest) with { MayRepeat = false }, RnnJson.Default.SessionInfo, aborted);

    /// <summary>To another version of its model, where it reads again what it has read. It must keep its inputs.</summary>
    /// <param name="version">The version; null for the default.</param>
    /// <param name="aborted">Ends it.</param>
    /// <inheritdoc cref="RnnClient.GetModelsAsync" path="/exception"/>
    public async Task ReplayAsync(int? version = null, CancellationToken aborted = default) =>
        Info = await _transport.SendAsync(
            Call.Post(PathOf(Id, "move"), new(version, "replay"), RnnJson.Default.MoveRequest) with { MayRepeat = false }, RnnJson.Default.SessionInfo, aborted);

    /// <summary>Back to its beginning.</summary>
    /// <inheritdoc cref="RnnClient.GetModelsAsync" path="/exception"/>
    public async Task ResetAsync(CancellationToken aborted = default) =>
        Info = await _transport.SendAsync(new Call(HttpMethod.Post, PathOf(Id, "reset")) { MayRepeat = false }, RnnJson.Default.SessionInfo, aborted);

    /// <summary>Its state in the portable binary form, a few KiB.</summary>
    /// <param name="step">An earlier step that is kept; null for the present one.</param>
    /// <param name="aborted">Ends it.</param>
    /// <inheritdoc cref="RnnClient.GetModelsAsync" path="/exception"/>
    public Task<byte[]> GetStateAsync(long? step = null, CancellationToken aborted = default) =>
        _transport.ReadBytesAsync(
            Call.Get(PathOf(Id, step is null ? "state" : $"state?step={step}")) with { Accept = MediaTypeNames.Application.Octet }, aborted);

    /// <summary>Replaces its state by one of the same model.</summary>
    /// <inheritdoc cref="RnnClient.GetModelsAsync" path="/exception"/>
    public async Task PutStateAsync(byte[] state, CancellationToken aborted = default) =>
        Info = await _transport.SendAsync(new Call(HttpMethod.Put, PathOf(Id, "state")) { Content = () => BytesOf(state), MayRepeat = false }, RnnJson.Default.SessionInfo, aborted);

    /// <summary>Ends it, if it has not ended yet.</summary>
    /// <inheritdoc cref="RnnClient.GetModelsAsync" path="/exception"/>
    public async Task DeleteAsync(CancellationToken aborted = default)
    {
        try
        {
            await _transport.SendAsync(new Call(HttpMethod.Delete, PathOf(Id)), aborted);
        }
        catch (RnnException exception) when (exception.Status == HttpStatusCode.Gone)
        {
        }
    }

    internal static string PathOf(string id) => $"api/v1/sessions/{Uri.EscapeDataString(id)}";

    static string PathOf(string id, string call) => $"{PathOf(id)}/{call}";

    Task<TReply> CallAsync<TRequest, TReply>(
        string call, TRequest request, JsonTypeInfo<TRequest> requestType, JsonTypeInfo<TReply> replyType, CallOptions? options, CancellationToken aborted) =>
        _transport.SendAsync(Call.Post(PathOf(Id, call), request, requestType) with { Options = options ?? new() }, replyType, aborted);

    static ByteArrayContent BytesOf(byte[] state) => new(state)
    {
        Headers = { ContentType = new MediaTypeHeaderValue(MediaTypeNames.Application.Octet) },
    };
}
