using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing.Matching;

namespace Rnn.Api.Security;

/// <summary>
/// With <c>Server:ManagementPort</c>, what takes the scope <c>manage</c> or <c>metrics</c> is there on that port alone, what takes another on
/// all others, and what takes none on both. Elsewhere they are as routes that never were. What counts is the port that the connection came to,
/// not the one in the header <c>Host</c>, which a client writes as he likes.
/// </summary>
sealed class ManagementPort(ServerOptions server) : MatcherPolicy, INodeBuilderPolicy
{
    /// <summary>Before the method is looked at: a route that is not there has no 405 either.</summary>
    public override int Order => -10_000;

    public bool AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints) => server.ManagementPort is not null;

    /// <summary>What can be reached there, and what by all other ports.</summary>
    public IReadOnlyList<PolicyNodeEdge> GetEdges(IReadOnlyList<Endpoint> endpoints) =>
    [
        new(true, [.. endpoints.Where(endpoint => IsOpen(endpoint) || IsManagement(endpoint))]),
        new(false, [.. endpoints.Where(endpoint => IsOpen(endpoint) || !IsManagement(endpoint))]),
    ];

    public PolicyJumpTable BuildJumpTable(int exitDestination, IReadOnlyList<PolicyJumpTableEdge> edges)
    {
        var destinations = edges.ToDictionary(edge => (bool)edge.State, edge => edge.Destination);
        return new Table(server.ManagementPort, destinations.GetValueOrDefault(true, exitDestination), destinations.GetValueOrDefault(false, exitDestination));
    }

    static bool IsOpen(Endpoint endpoint) => endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null;

    static bool IsManagement(Endpoint endpoint) =>
        endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>().Any(scope => scope.Policy is Scopes.Manage or Scopes.Metrics);

    sealed class Table(int? port, int management, int others) : PolicyJumpTable
    {
        public override int GetDestination(HttpContext httpContext) => httpContext.Connection.LocalPort == port ? management : others;
    }
}
