using System.Net;
using System.Net.Sockets;

namespace Securely.Cli;

/// <summary>Finds the port of the default listener; a port that a file names is never replaced by another one.</summary>
internal static class FreePort
{
    private const int Tries = 100;

    /// <summary>The first port from <paramref name="first"/> on that nobody listens on.</summary>
    /// <exception cref="CliException">A hundred ports in a row are taken.</exception>
    public static int AtOrAfter(IPAddress address, int first)
    {
        for (var port = first; port < first + Tries; port++)
        {
            if (IsFree(new IPEndPoint(address, port)))
                return port;
        }

        throw new CliException(string.Create(null, $"The ports {first} to {first + Tries - 1} of {address} are all in use; name another one in [listeners]"));
    }

    private static bool IsFree(IPEndPoint endPoint)
    {
        using var probe = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            probe.Bind(endPoint);
            probe.Listen(1);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
