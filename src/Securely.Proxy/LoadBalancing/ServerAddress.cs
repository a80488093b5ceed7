using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Securely.Proxy.LoadBalancing;

/// <summary>A server as a configuration writes it: either an address that can be dialled, or a host name and port to resolve.</summary>
internal readonly struct ServerAddress
{
    private const string UnixPrefix = "unix:";

    private ServerAddress(string text, EndPoint? endPoint, string? host, int port)
    {
        Text = text;
        EndPoint = endPoint;
        Host = host;
        Port = port;
    }

    /// <summary>The text as it was written, for messages.</summary>
    public string Text { get; }

    /// <summary>Set when nothing has to be resolved.</summary>
    public EndPoint? EndPoint { get; }

    /// <summary>Set when a name has to be resolved.</summary>
    public string? Host { get; }

    public int Port { get; }

    /// <summary>Reads <c>IP:PORT</c>, <c>[IPv6]:PORT</c>, <c>HOST:PORT</c> or <c>unix:/path</c>.</summary>
    /// <exception cref="FormatException">The text is none of these; the message says which part is wrong and what to write.</exception>
    public static ServerAddress Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.StartsWith(UnixPrefix, StringComparison.Ordinal))
        {
            return new ServerAddress(text, ParseUnix(text), null, 0);
        }

        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        if (scheme >= 0)
        {
            throw new FormatException($"Server [{text}] is a URL; write [{text[(scheme + 3)..].TrimEnd('/')}]");
        }

        return text.StartsWith('[') ? ParseBracketed(text) : ParseHostAndPort(text);
    }

    /// <summary>Writes an address as <see cref="Parse"/> reads it.</summary>
    public static string Format(EndPoint address) =>
        address is UnixDomainSocketEndPoint ? $"{UnixPrefix}{address}" : address.ToString() ?? string.Empty;

    private static UnixDomainSocketEndPoint ParseUnix(string text)
    {
        var path = text[UnixPrefix.Length..];
        if (path.Length == 0)
        {
            throw new FormatException($"Server [{text}] has no path; write [unix:/run/app.sock]");
        }

        try
        {
            return new UnixDomainSocketEndPoint(path);
        }
        catch (ArgumentOutOfRangeException problem)
        {
            throw new FormatException($"Server [{text}] has a path that is too long for a Unix socket", problem);
        }
    }

    private static ServerAddress ParseBracketed(string text)
    {
        var end = text.IndexOf(']', StringComparison.Ordinal);
        if (end < 0
            || !IPAddress.TryParse(text.AsSpan(1, end - 1), out var address)
            || address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            throw new FormatException($"Server [{text}] is not an IPv6 address in brackets with a port; write [[::1]:3000]");
        }

        var rest = text.AsSpan(end + 1);
        var port = ParsePort(text, rest.StartsWith(":") ? rest[1..] : default);
        return new ServerAddress(text, new IPEndPoint(address, port), null, port);
    }

    private static ServerAddress ParseHostAndPort(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
        {
            throw new FormatException($"Server [{text}] has no port; write [{text}:80]");
        }

        if (text.IndexOf(':', colon + 1) >= 0)
        {
            throw new FormatException($"Server [{text}] looks like an IPv6 address; write it in brackets, as [[::1]:3000]");
        }

        var host = text[..colon];
        var port = ParsePort(text, text.AsSpan(colon + 1));
        if (EndsInNumber(host))
        {
            // Short forms such as 127.1 are refused: the parser of the system would read them in a way that few people expect.
            return host.AsSpan().Count('.') == 3 && IPAddress.TryParse(host, out var address)
                ? new ServerAddress(text, new IPEndPoint(address, port), null, port)
                : throw new FormatException($"Server [{text}] is not an IPv4 address with a port; write [127.0.0.1:{port}]");
        }

        return IsHostName(host)
            ? new ServerAddress(text, null, host, port)
            : throw new FormatException($"Server [{text}] has an invalid host name; names are letters, digits, hyphens and dots");
    }

    private static int ParsePort(string text, ReadOnlySpan<char> digits) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is >= 1 and <= 65_535
            ? port
            : throw new FormatException($"Server [{text}] has no valid port; ports are 1 to 65535");

    private static bool EndsInNumber(ReadOnlySpan<char> host)
    {
        var label = host[(host.LastIndexOf('.') + 1)..];
        return label.Length > 0 && !label.ContainsAnyExceptInRange('0', '9');
    }

    /// <summary>
    /// Whether this is a name that can be looked up: letters, digits, hyphens and underscores in labels of 1 to 63, a dot at the end
    /// allowed.
    /// </summary>
    public static bool IsHostName(ReadOnlySpan<char> host)
    {
        if (host.EndsWith("."))
        {
            host = host[..^1];
        }

        if (host.Length is 0 or > 253)
        {
            return false;
        }

        foreach (var range in host.Split('.'))
        {
            var label = host[range];
            if (label.Length is 0 or > 63)
            {
                return false;
            }

            foreach (var letter in label)
            {
                if (!char.IsAsciiLetterOrDigit(letter) && letter is not ('-' or '_'))
                {
                    return false;
                }
            }
        }

        return true;
    }
}
