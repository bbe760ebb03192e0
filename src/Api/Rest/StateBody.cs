using System.Net.Mime;
using Microsoft.Net.Http.Headers;
using Rnn.Engine.Layers;

namespace Rnn.Api.Rest;

/// <summary>A state as it comes in a request's body: by layer as JSON, or in its compact binary form.</summary>
sealed class StateBody
{
    public const string BinaryType = MediaTypeNames.Application.Octet;

    readonly byte[]? _bytes;
    readonly StateDocument? _document;

    StateBody(byte[] bytes) => _bytes = bytes;

    StateBody(StateDocument document) => _document = document;

    /// <summary>Whether the client would rather have the binary form in the reply.</summary>
    public static bool IsBinaryWanted(HttpRequest request) =>
        request.GetTypedHeaders().Accept.Any(accept => accept.MediaType.Equals(BinaryType, StringComparison.OrdinalIgnoreCase));

    /// <summary>Reads the body in the form that its content type names.</summary>
    public static async ValueTask<StateBody?> BindAsync(HttpContext http)
    {
        var request = http.Request;
        if (MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            && type.MediaType.Equals(BinaryType, StringComparison.OrdinalIgnoreCase))
        {
            using var buffer = new MemoryStream();
            await request.Body.CopyToAsync(buffer, http.RequestAborted);
            return new StateBody(buffer.ToArray());
        }

        if (!request.HasJsonContentType())
        {
            throw new BadHttpRequestException(
                $"A state is sent as application/json or {BinaryType}.", StatusCodes.Status415UnsupportedMediaType);
        }

        return await request.ReadFromJsonAsync<StateDocument>(http.RequestAborted) is { } document
            ? new StateBody(document)
            : throw new BadHttpRequestException("The body is null; a state is expected.");
    }

    public RecurrentState ToState(StateLayout layout, StateForms states) =>
        _document is null ? states.Read(_bytes, layout) : states.Read(_document, layout, "");
}
