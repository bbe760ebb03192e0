using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Rnn.Api.Tests.Fuzz;

/// <summary>A request as it goes over the wire, also one that no client would send.</summary>
/// <param name="Method">Its method.</param>
/// <param name="Target">Path and query, escaped as they are sent.</param>
sealed record WireRequest(string Method, string Target)
{
    const int MostShown = 8 << 10;

    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    public byte[]? Body { get; init; }

    public string Path => Target.Split('?', 2)[0];

    /// <summary>The same request as this, with a header in place of what it had of that name.</summary>
    public WireRequest With(string name, string? value) => this with
    {
        Headers = [.. Headers.Where(header => !header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)), .. value is null ? [] : new[] { (name, value) }],
    };

    /// <summary>The same request by who has this key; by anybody if it is null.</summary>
    public WireRequest By(string? key) => With("Authorization", key is null ? null : $"Bearer {key}");

    public string? Header(string name) =>
        Headers.FirstOrDefault(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    public bool IsJson => Body is not null && Header("Content-Type")?.StartsWith("application/json", StringComparison.Ordinal) == true;

    /// <summary>Makes it the request that the host is given, as Kestrel would: nothing else is taken out of it or escaped anew.</summary>
    public void Fill(HttpContext http)
    {
        var request = http.Request;
        (request.Method, request.Protocol, request.Scheme, request.Host) = (Method, "HTTP/1.1", "http", new("localhost"));
        request.Path = PathString.FromUriComponent(Path);
        request.QueryString = new(Target[Path.Length..]);
        if (Body is not null)
        {
            (request.Body, request.ContentLength) = (new MemoryStream(Body), Body.Length);
        }

        http.Features.Set<IHttpRequestBodyDetectionFeature>(new BodyDetection(Body is not null));
        foreach (var (name, value) in Headers)
        {
            request.Headers[name] = value;
        }
    }

    /// <summary>The request as one line for a shell.</summary>
    public string Curl()
    {
        var line = new StringBuilder();
        if (Body is not null)
        {
            line.Append("printf '").AppendJoin("", Body.Take(MostShown).Select(Escaped)).Append("' | ");
        }

        line.Append("curl -i --path-as-is -X ").Append(Method).Append(" 'localhost:8080").Append(Target).Append('\'');
        foreach (var (name, value) in Headers)
        {
            line.Append(" -H $'").Append(name).Append(": ").AppendJoin("", Encoding.UTF8.GetBytes(value).Select(Escaped)).Append('\'');
        }

        line.Append(Body is null ? "" : " --data-binary @-");
        return Body?.Length > MostShown ? $"{line} (and {Body.Length - MostShown} bytes more)" : line.ToString();
    }

    static string Escaped(byte value) => value switch
    {
        (byte)'%' => "%%",
        (byte)'\\' => @"\\",
        (byte)'\'' or < 0x20 or >= 0x7f => $"\\x{value:x2}",
        _ => ((char)value).ToString(),
    };

    sealed record BodyDetection(bool CanHaveBody) : IHttpRequestBodyDetectionFeature;
}
