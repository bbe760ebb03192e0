using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Rnn.Api.OpenInference.Grpc;

/// <summary>
/// Over TLS a connection says whether it is HTTP/1.1 or HTTP/2. Over plain text it does not, so gRPC has a port of its own there: beside
/// every address that the server listens at, it listens at the same host's <c>Server:GrpcPort</c>.
/// </summary>
sealed class GrpcPort(ServerOptions server, IConfiguration configuration) : IStartupFilter
{
    // Where Kestrel listens if nobody says where; it does not, once there is another address.
    const string UsualAddress = "http://localhost:5000";

    const string OwnEndpoints = "Kestrel:Endpoints";

    /// <summary>Runs when the addresses are known and nothing listens yet.</summary>
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        if (server.GrpcPort is { } port && app.ServerFeatures.Get<IServerAddressesFeature>() is { } listening)
        {
            Add(listening.Addresses, port);
        }

        next(app);
    };

    void Add(ICollection<string> addresses, int port)
    {
        if (configuration.GetSection(OwnEndpoints).Exists())
        {
            throw new InvalidOperationException(
                $"Server:GrpcPort adds to the addresses of --urls, and {OwnEndpoints} takes their place: leave GrpcPort out, and name an endpoint "
                + "for gRPC there, with \"Protocols\": \"Http2\".");
        }

        if (addresses.Count == 0)
        {
            addresses.Add(UsualAddress);
        }

        var places = addresses.Select(BindingAddress.Parse).Where(place => !place.IsUnixPipe && !place.IsNamedPipe).ToList();
        if (places.Find(place => place.Port == port) is { } taken)
        {
            throw new InvalidOperationException(
                $"Server:GrpcPort is {port}, and {taken.Scheme}://{taken.Host}:{taken.Port} is where everything else is served; gRPC over plain text needs a port of its own.");
        }

        foreach (var host in places.Select(place => place.Host).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            addresses.Add($"{Uri.UriSchemeHttp}://{host}:{port}");
        }
    }
}
