using System.Text;
using System.Text.RegularExpressions;

namespace Rnn.Api.Tests.Fuzz;

/// <summary>Requests that are sound: those of docs/http, and each model's and session's own.</summary>
sealed partial class Seeds
{
    const string Json = "application/json";

    readonly ILookup<string, WireRequest> _byOperation;

    Seeds(Contract contract, IReadOnlyList<WireRequest> documented, IReadOnlyList<WireRequest> own)
    {
        Documented = documented;
        _byOperation = documented.Concat(own)
            .Where(request => !request.Path.EndsWith("/unload", StringComparison.Ordinal) || request.Path.Contains("/monitor/", StringComparison.Ordinal))    // or little else would succeed
            .Select(request => (Request: request, Operation: contract.Find(request.Method, request.Path)))
            .Where(pair => pair.Operation is not null)
            .ToLookup(pair => pair.Operation!.Id, pair => pair.Request);
    }

    /// <summary>The requests of docs/http, in their order.</summary>
    public IReadOnlyList<WireRequest> Documented { get; }

    /// <summary>The requests of one operation.</summary>
    public IEnumerable<WireRequest> Of(Operation operation) => _byOperation[operation.Id];

    /// <param name="contract">The operations.</param>
    /// <param name="host">The host, which is asked for what states look like.</param>
    /// <param name="key">A key that may predict.</param>
    public static async Task<Seeds> LearnAsync(Contract contract, FuzzHost host, string? key)
    {
        List<WireRequest> documented = [];
        foreach (var (_, message) in HttpFile.Names.SelectMany(file => HttpFile.RequestsOf(file, host.Client.BaseAddress!)))
        {
            documented.Add(await WireAsync(message));
            message.Dispose();
        }

        return new(contract, documented, [.. Own(contract), .. await StatesAsync(host, key), .. Tensors()]);
    }

    static IEnumerable<WireRequest> Own(Contract contract)
    {
        foreach (var session in Facts.Sessions)
        {
            yield return Create(session);
        }

        foreach (var operation in contract.Operations.Where(operation => operation.Template.Contains("{model}", StringComparison.Ordinal)))
        {
            foreach (var model in Facts.Models)
            {
                yield return At(operation, model, "{model}", Facts.InputOf(model, operation));
            }
        }

        foreach (var operation in contract.Operations.Where(operation => operation.Template.Contains("{id}", StringComparison.Ordinal)))
        {
            foreach (var session in Facts.Sessions)
            {
                yield return At(operation, session, "{id}", Facts.InputOf(ModelOf(session), operation));
            }
        }
    }

    static WireRequest At(Operation operation, string name, string place, string? input)
    {
        var target = operation.Template.Replace(place, name, StringComparison.Ordinal).Replace("{version}", "1", StringComparison.Ordinal).Replace("{label}", "stable", StringComparison.Ordinal);
        if (!operation.Bodies.TryGetValue(Json, out var body))
        {
            return new(operation.Method, target);
        }

        var example = body["example"] ?? body["examples"]?.AsObject().First().Value!["value"];
        return Post(target, input ?? example?.ToJsonString() ?? "{}") with { Method = operation.Method };
    }

    /// <summary>States as they are given out, to be put again.</summary>
    static async Task<IReadOnlyList<WireRequest>> StatesAsync(FuzzHost host, string? key)
    {
        List<WireRequest> requests = [];
        foreach (var session in Facts.Sessions)
        {
            await host.SendAsync(Create(session).By(key));         // not every model has sessions
            foreach (var type in new[] { Json, "application/octet-stream" })
            {
                var reply = await host.SendAsync(new WireRequest("GET", $"/api/v1/sessions/{session}/state").With("Accept", type).By(key));
                if (reply.Status == 200)
                {
                    requests.Add(new("PUT", $"/api/v1/sessions/{session}/state") { Headers = [("Content-Type", type)], Body = reply.Body });
                }
            }
        }

        return requests;
    }

    /// <summary>Tensors as bytes, after JSON and without any.</summary>
    static IEnumerable<WireRequest> Tensors()
    {
        byte[] hour = [.. new float[] { 77, -2, -7, 1025, 1.79f, 3, 4 }.SelectMany(BitConverter.GetBytes)];
        var header = Encoding.UTF8.GetBytes("""{"inputs":[{"name":"input","shape":[1,1,7],"datatype":"FP32","parameters":{"binary_data_size":28}}],"parameters":{"binary_data_output":true}}""");
        foreach (var version in new[] { "", "/versions/1" })
        {
            yield return Binary($"/v2/models/air{version}/infer", [.. header, .. hour], header.Length);
            yield return Binary($"/v2/models/air{version}/infer", hour, 0);
            yield return Binary($"/v2/models/names{version}/infer", "Petrov"u8.ToArray(), 0);
            yield return Post($"/v2/models/air{version}/infer", """{"id":"a","inputs":[{"name":"input","shape":[1,1,7],"datatype":"FP32","data":[77,-2,-7,1025,1.79,3,4]}],"parameters":{"sequence_id":42,"sequence_start":true,"sequence_end":true}}""");
            yield return Post($"/v2/models/names{version}/infer", """{"inputs":[{"name":"text","shape":[2],"datatype":"BYTES","data":["Ito","Rossi"]}],"outputs":[{"name":"probabilities","parameters":{"classification":2}}]}""");
        }
    }

    static WireRequest Create(string session) => Post("/api/v1/sessions", $$"""{"model":"{{ModelOf(session)}}","id":"{{session}}","history":4}""");

    static WireRequest Post(string target, string body) =>
        new("POST", target) { Headers = [("Content-Type", Json)], Body = Encoding.UTF8.GetBytes(Shortened(body)) };

    static WireRequest Binary(string target, byte[] body, int header) => new("POST", target)
    {
        Headers = [("Content-Type", "application/octet-stream"), ("Inference-Header-Content-Length", header.ToString(System.Globalization.CultureInfo.InvariantCulture))],
        Body = body,
    };

    static async Task<WireRequest> WireAsync(HttpRequestMessage message)
    {
        var body = message.Content is null ? null : await message.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return new(message.Method.Method, message.RequestUri!.PathAndQuery)
        {
            Headers =
            [
                .. message.Headers.Select(header => (header.Key, header.Value.First())),
                .. message.Content?.Headers.ContentType is { } type ? new[] { ("Content-Type", type.ToString()) } : [],
            ],
            Body = body is null ? null : Encoding.UTF8.GetBytes(Shortened(body)),
        };
    }

    static string ModelOf(string session) => session.Split('-')[0];

    // A server that is asked fifty thousand times should not write a page each time.
    static string Shortened(string body) => Length().Replace(body, "${name}:4");

    [GeneratedRegex("(?<name>\"(maxLength|max_tokens)\"): *[0-9]+")]
    private static partial Regex Length();
}
