using System.Text.Json;

namespace Rnn.Api.Rest;

/// <summary>Runs one of many stateless calls, given as JSON.</summary>
/// <param name="model">The model's name.</param>
/// <param name="body">The call's body.</param>
/// <param name="aborted">Gives up.</param>
/// <exception cref="JsonException">The body is not what such a call takes.</exception>
delegate Task<Told> BatchCall(string model, ReadOnlySpan<byte> body, CancellationToken aborted);
