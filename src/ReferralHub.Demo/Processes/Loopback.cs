using System.Net;
using System.Net.Sockets;

namespace ReferralHub.Demo.Processes;

/// <summary>The address of this machine alone, where everything here listens.</summary>
internal static class Loopback
{
    /// <summary>A port that was free a moment ago.</summary>
    public static int FreePort()
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }
}
