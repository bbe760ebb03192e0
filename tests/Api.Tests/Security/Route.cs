using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Rnn.Api.Security;

namespace Rnn.Api.Tests.Security;

/// <summary>A route of the host, how it is called, and what was decided about it.</summary>
/// <param name="Method">Its method.</param>
/// <param name="Pattern">Its path, with places for parameters.</param>
/// <param name="Scope">The scope that it takes; null if nothing says.</param>
/// <param name="IsOpen">Whether it says that it takes none.</param>
/// <param name="Body">A body that it reads; null for none.</param>
sealed partial record Route(string Method, string Pattern, string? Scope, bool IsOpen, string? Body)
{
    /// <summary>Whether its protocol tells errors as a sentence, without a name.</summary>
    public bool TellsSentences => Pattern.StartsWith("/v2", StringComparison.Ordinal) || Pattern.StartsWith("/v1/models/{model}/", StringComparison.Ordinal) || Pattern.StartsWith("/v1/models/{model}:", StringComparison.Ordinal);

    /// <summary>Every route, those included that the OpenAPI document does not tell of.</summary>
    public static async Task<IReadOnlyList<Route>> AllAsync(RnnApplication application)
    {
        using var client = application.CreateClient();
        var document = (await RnnApplication.GetAsync(client, "/openapi/v1.json"))["paths"]!.AsObject();
        var routes = application.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(endpoint => !endpoint.RoutePattern.RawText!.Contains("{unimplementedMethod", StringComparison.Ordinal))     // what gRPC says where there is nothing
            .SelectMany(endpoint => MethodsOf(endpoint), (endpoint, method) => Of(endpoint, method, document))
            .DistinctBy(route => (route.Method, route.Pattern))
            .ToList();
        foreach (var (path, operations) in document)
        {
            Assert.All(operations!.AsObject(), operation => Assert.Contains(
                routes, route => route.Pattern == path && route.Method.Equals(operation.Key, StringComparison.OrdinalIgnoreCase)));
        }

        return routes;
    }

    /// <summary>A request to the route, its parameters filled in.</summary>
    public HttpRequestMessage Request(string model = "names", string session = "none") => new(
        new HttpMethod(Method),
        new Uri(Parameter().Replace(Pattern, match => match.Groups["name"].Value switch
        {
            "model" => model,
            "id" => session,
            "version" => "1",
            "label" => "stable",
            "documentName" => "v1",
            var other => throw new InvalidOperationException($"{Pattern}: say here what {other} is."),
        }), UriKind.Relative))
    {
        Content = Body is null ? null : new StringContent(Body, Encoding.UTF8, "application/json"),
    };

    static IEnumerable<string> MethodsOf(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"];

    static Route Of(RouteEndpoint endpoint, string method, JsonObject document)
    {
        var pattern = "/" + Constraint().Replace(endpoint.RoutePattern.RawText!, "}").Trim('/');
        var content = document[pattern]?[method.ToLowerInvariant()]?["requestBody"]?["content"]?["application/json"];
        var example = content?["example"] ?? content?["examples"]?.AsObject().First().Value!["value"];
        return new(
            method,
            pattern,
            endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>().Select(data => data.Policy).LastOrDefault(Scopes.All.Contains),
            endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null,
            example?.ToJsonString() ?? (method is "GET" or "DELETE" ? null : "{}"));
    }

    [GeneratedRegex(@"\{(?<name>\w+)\}")]
    private static partial Regex Parameter();

    [GeneratedRegex(@":\w+\}")]
    private static partial Regex Constraint();
}
