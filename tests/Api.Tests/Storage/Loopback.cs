using System.Net;
using System.Net.Sockets;

namespace Rnn.Api.Tests.Storage;

/// <summary>This machine, as servers of tests see it.</summary>
static class Loopback
{
    /// <summary>A port that nobody listens at.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
