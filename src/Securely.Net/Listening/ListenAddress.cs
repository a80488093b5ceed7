using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Securely.Net;

/// <summary>Reads the addresses of configuration files and calls: <c>IP:PORT</c>, <c>[IPv6]:PORT</c>, <c>*:PORT</c> and <c>unix:/path</c>.</summary>
public static class ListenAddress
{
    /// <summary>Reads an address.</summary>
    /// <param name="text">The address.</param>
    /// <param name="endPoint">An <see cref="IPEndPoint"/> or a <see cref="UnixDomainSocketEndPoint"/>.</param>
    /// <param name="error">A sentence that says what is wrong, else null.</param>
    /// <returns>Whether it is an address.</returns>
    public static bool TryParse(string text, out EndPoint? endPoint, out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        endPoint = null;
        error = null;
        if (text.StartsWith("unix:", StringComparison.Ordinal))
            return TryParseUnix(text, out endPoint, out error);
        var colon = text.LastIndexOf(':');
        error = ProblemOfPort(text, colon, out var port);
        if (error is not null)
            return false;
        var host = text.AsSpan(0, colon);
        if (host is "*")
        {
            endPoint = new IPEndPoint(Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any, port);
            return true;
        }

        if (host is "localhost")
        {
            endPoint = new IPEndPoint(IPAddress.Loopback, port);
            return true;
        }

        var isBracketed = host.Length > 2 && host[0] == '[' && host[^1] == ']';
        if (isBracketed)
            host = host[1..^1];
        // The runtime also takes 127.1 and 2130706433 for addresses, which here are more likely mistakes.
        if (IPAddress.TryParse(host, out var ip) && isBracketed == (ip.AddressFamily == AddressFamily.InterNetworkV6) && (isBracketed || host.SequenceEqual(ip.ToString())))
        {
            endPoint = new IPEndPoint(ip, port);
            return true;
        }

        error = $"Address [{text}] is not an IP address with a port; write IP:PORT, [IPv6]:PORT, *:PORT or unix:/path.";
        return false;
    }

    /// <summary>Reads an address.</summary>
    /// <param name="text">The address.</param>
    /// <returns>An <see cref="IPEndPoint"/> or a <see cref="UnixDomainSocketEndPoint"/>.</returns>
    /// <exception cref="FormatException">It is not an address; the message says what to write.</exception>
    public static EndPoint Parse(string text) => TryParse(text, out var endPoint, out var error) ? endPoint! : throw new FormatException(error);

    /// <summary>What is wrong with the port behind the last colon, or with nothing before it; null for nothing.</summary>
    private static string? ProblemOfPort(string text, int colon, out ushort port)
    {
        var digits = text.AsSpan(colon + 1);
        var isNumber = colon >= 0 && digits.Length > 0 && !digits.ContainsAnyExceptInRange('0', '9');
        var isPort = ushort.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out port);
        if (isNumber && colon == 0)
            return $"Address [{text}] has no host; write [*{text}] for all addresses of this machine, or [127.0.0.1{text}] for itself alone.";
        if (isNumber && !isPort)
            return $"Port [{digits}] of address [{text}] is out of range; it is 0 to 65535.";
        return isNumber ? null : $"Address [{text}] has no port; write IP:PORT, [IPv6]:PORT, *:PORT or unix:/path.";
    }

    private static bool TryParseUnix(string text, out EndPoint? endPoint, out string? error)
    {
        endPoint = null;
        error = null;
        var path = text[5..];
        if (path.Length == 0)
        {
            error = $"Address [{text}] has no path; write unix:/path.";
            return false;
        }

        try
        {
            endPoint = new UnixDomainSocketEndPoint(path);
            return true;
        }
        catch (ArgumentOutOfRangeException)
        {
            error = $"Address [{text}] is too long for a Unix socket; 107 bytes are the most.";
            return false;
        }
    }
}
