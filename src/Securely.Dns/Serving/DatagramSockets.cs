using System.Net.Sockets;

namespace Securely.Dns;

/// <summary>What sockets of datagrams have in common.</summary>
internal static class DatagramSockets
{
    /// <summary>No path tells how large datagrams may be: forged messages of that kind would fragment them (IP_PMTUDISC_OMIT).</summary>
    internal static void IgnorePathSize(Socket socket)
    {
        if (!OperatingSystem.IsLinux())
            return;
        const int IpLevel = 0, Ip6Level = 41, MtuDiscover = 10, Mtu6Discover = 23;
        Span<byte> value = stackalloc byte[4];
        BitConverter.TryWriteBytes(value, 5);
        if (socket.AddressFamily == AddressFamily.InterNetwork)
            socket.SetRawSocketOption(IpLevel, MtuDiscover, value);
        else
            socket.SetRawSocketOption(Ip6Level, Mtu6Discover, value);
    }
}
