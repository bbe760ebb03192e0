using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Rnn.Api;

/// <summary>
/// gRPC over plain text needs a port of its own, as a connection does not say there whether it is HTTP/2, and management may have one: beside
/// every address that the server listens at, it listens at the same host's <c>Server:GrpcPort</c> and <c>Server:ManagementPort</c>.
/// </summary>
sealed class FurtherPorts(ServerOptions server, IConfiguration configuration) : IStartupFilter
{
    // Where Kestrel listens if nobody says where; it does not, once there is another address.
    const string UsualAddress = "http://localhost:5000";

    const string OwnEndpoints = "Kestrel:Endpoints";

    /// <summary>Runs when the addresses are known and nothing listens yet.</summary>
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        if (app.ServerFeatures.Get<IServerAddressesFeature>() is { } listening)
        {
            if (configuration.GetSection(OwnEndpoints).Exists())
            {
                Check(configuration.GetSection(OwnEndpoints));
            }
            else if (server.GrpcPort is not null || server.ManagementPort is not null)
            {
                Add(listening.Addresses);
            }
        }

        next(app);
    };

    void Check(IConfigurationSection endpoints)
    {
        if (server.GrpcPort is not null)
        {
            throw new InvalidOperationException(
                $"Server:GrpcPort adds to the addresses of --urls, and {OwnEndpoints} takes their place: leave GrpcPort out, and name an endpoint "
                + "for gRPC there, with \"Protocols\": \"Http2\".");
        }

        if (server.ManagementPort is { } port && !endpoints.GetChildren().Any(endpoint => endpoint["Url"] is { } url && BindingAddress.Parse(url).Port == port))
        {
            throw new InvalidOperationException(
                $"Server:ManagementPort is {port}, and no endpoint of {OwnEndpoints}, which take the place of --urls, has that port: name one there, "
                + "so that management can be called.");
        }
    }

    void Add(ICollection<string> addresses)
    {
        if (addresses.Count == 0)
        {
            addresses.Add(UsualAddress);
        }

        var places = addresses.Select(BindingAddress.Parse).Where(place => !place.IsUnixPipe && !place.IsNamedPipe).ToList();
        foreach (var host in places.GroupBy(place => place.Host, StringComparer.OrdinalIgnoreCase))
        {
            if (server.GrpcPort is { } grpc)
            {
                addresses.Add($"{Uri.UriSchemeHttp}://{host.Key}:{Free(places, grpc, nameof(server.GrpcPort), "gRPC over plain text")}");
            }

            if (server.ManagementPort is { } management)
            {
                // Keys that are not told in the clear elsewhere are not told so here.
                var scheme = host.Any(place => place.Scheme == Uri.UriSchemeHttps) ? Uri.UriSchemeHttps : Uri.UriSchemeHttp;
                addresses.Add($"{scheme}://{host.Key}:{Free(places, management, nameof(server.ManagementPort), "management")}");
            }
        }
    }

    static int Free(List<BindingAddress> places, int port, string setting, string what) => places.Find(place => place.Port == port) is { } taken
        ? throw new InvalidOperationException(
            $"Server:{setting} is {port}, and {taken.Scheme}://{taken.Host}:{taken.Port} is where everything else is served; {what} needs a port of its own.")
        : port;
}
