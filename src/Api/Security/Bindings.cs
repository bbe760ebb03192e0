using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Rnn.Api.Security;

/// <summary>Where the server listens, once it does.</summary>
sealed class Bindings(IServer server)
{
    /// <summary>The first address that can be reached from other machines; null if there is none.</summary>
    public string? Exposed => Addresses.FirstOrDefault(address => !IsLocal(address));

    IEnumerable<string> Addresses => server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];

    /// <summary>Whether an address such as <c>http://127.0.0.1:8080</c> is this machine's alone. What is not known to be is not.</summary>
    public static bool IsLocal(string address) =>
        BindingAddress.Parse(address) is var binding && (binding.IsUnixPipe || binding.IsNamedPipe || IsLocalHost(binding.Host));

    /// <summary>Whether a host's name or address always means the machine itself.</summary>
    public static bool IsLocalHost(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}
