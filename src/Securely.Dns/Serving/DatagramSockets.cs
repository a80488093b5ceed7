using System.Net.Sockets;

namespace Securely.Dns;

/// <summary>What sockets of datagrams have in common.</summary>
internal static class DatagramSockets
{
    /// <summary>The most bytes that fit through every path of our time without being fragmented (RFC 9715, 3.1).</summary>
    internal const int LargestUnfragmented = 1232;

    /// <summary>
    /// No path tells how large datagrams may be: forged messages of that kind would fragment them. Those that fit everywhere are not to be fragmented
    /// on their way either (IP_PMTUDISC_PROBE); larger ones, which somebody has asked for, must be (IP_PMTUDISC_OMIT).
    /// </summary>
    internal static void IgnorePathSize(Socket socket, int largest)
    {
        if (!OperatingSystem.IsLinux())
            return;
        const int IpLevel = 0, Ip6Level = 41, MtuDiscover = 10, Mtu6Discover = 23;
        Span<byte> value = stackalloc byte[4];
        BitConverter.TryWriteBytes(value, largest <= LargestUnfragmented ? 3 : 5);
        if (socket.AddressFamily == AddressFamily.InterNetwork)
            socket.SetRawSocketOption(IpLevel, MtuDiscover, value);
        else
            socket.SetRawSocketOption(Ip6Level, Mtu6Discover, value);
    }
}
