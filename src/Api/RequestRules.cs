using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Net.Http.Headers;
using Rnn.Api.Errors;
using Rnn.Api.OpenInference;
using Rnn.Api.Rest;

namespace Rnn.Api;

/// <summary>How requests are read: their size, and the JSON that is taken.</summary>
static class RequestRules
{
    // A session's ID of 64 KiB should be told what is wrong with it; the default ends the connection at 8 KiB.
    const int MaxRequestLineBytes = 96 << 10;
    const int MaxJsonDepth = 16;

    const int MaxHeaderBytes = 32 << 10;
    const int MaxHeaders = 100;

    // Who sends or reads slower than this for the grace holds a connection for nothing.
    static readonly MinDataRate SlowestBody = new(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));

    // At most 64 KiB are on their way to a reader: within half a minute it has read them, or is cut off.
    static readonly MinDataRate SlowestReader = new(bytesPerSecond: 4 << 10, gracePeriod: TimeSpan.FromSeconds(10));
    static readonly TimeSpan HeadersTimeout = TimeSpan.FromSeconds(15);

    /// <summary>
    /// A charset means nothing to JSON, which is UTF-8 (RFC 8259), but who reads it here goes by it, and would fail on one in quotes or that
    /// there is not as if the fault were ours. So it is put plainly, or left out. A compressed body where none is inflated is refused, which could
    /// only be told as JSON that can't be read.
    /// </summary>
    public static void UseRequestRules(this IApplicationBuilder app) => app.Use((http, next) =>
    {
        if (MediaTypeHeaderValue.TryParse(http.Request.ContentType, out var type) && type.Charset.HasValue)
        {
            var charset = HeaderUtilities.RemoveQuotes(type.Charset);
            type.Charset = IsEncoding(charset.ToString()) ? charset : null;
            http.Request.ContentType = type.ToString();
        }

        return IsCompressed(http.Request) ? Compressed.ExecuteAsync(http) : next(http);
    });

    public static void AddRequestRules(this WebApplicationBuilder builder)
    {
        builder.Services.AddCheckedOptions<ServerOptions>("Server");
        builder.Services.AddSingleton<IStartupFilter, FurtherPorts>();
        builder.Services.AddOptions<KestrelServerOptions>().Configure<ServerOptions>((kestrel, server) =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = server.MaxBodyBytes;
            kestrel.Limits.MaxConcurrentConnections = server.MaxConnections;
            kestrel.Limits.MaxConcurrentUpgradedConnections = server.MaxConnections;
            kestrel.Limits.MaxRequestLineSize = MaxRequestLineBytes;
            kestrel.Limits.MaxRequestHeadersTotalSize = MaxHeaderBytes;
            kestrel.Limits.MaxRequestHeaderCount = MaxHeaders;
            kestrel.Limits.MinRequestBodyDataRate = SlowestBody;
            kestrel.Limits.MinResponseDataRate = SlowestReader;
            kestrel.Limits.RequestHeadersTimeout = HeadersTimeout;
        });
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            var options = json.SerializerOptions;
            options.TypeInfoResolverChain.Insert(0, RestJson.Default);
            options.AllowDuplicateProperties = false;
            options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
            options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;     // sent as JSON, never inside HTML
            options.MaxDepth = MaxJsonDepth;
            options.RespectNullableAnnotations = true;
            options.NumberHandling = JsonNumberHandling.Strict;
            options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        });
    }

    static bool IsEncoding(string name)
    {
        try
        {
            return Encoding.GetEncoding(name) is not null;
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            return false;                                  // unknown, or UTF-7, which is not safe to read
        }
    }

    static bool IsCompressed(HttpRequest request) =>
        request.Headers.ContentEncoding is [{ Length: > 0 } encoding] && encoding != "identity" && !OpenInferenceError.Owns(request);

    static ProblemHttpResult Compressed => Problem.Of(
        StatusCodes.Status415UnsupportedMediaType, "unsupported-media-type", "The body's encoding is not read here",
        "Bodies are not taken compressed here; send this one as it is, without Content-Encoding.", pointer: "/Content-Encoding");
}
