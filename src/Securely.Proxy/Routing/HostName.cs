using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Securely.Proxy.LoadBalancing;

namespace Securely.Proxy;

/// <summary>Host names as sites list them and as requests carry them.</summary>
internal static class HostName
{
    /// <summary>The longest name that DNS can hold, in characters.</summary>
    public const int MaxLength = 253;

    /// <summary>Takes the port and a dot at the end away; letter case stays.</summary>
    /// <param name="host">What the request says, with or without a port; may be empty.</param>
    /// <param name="name">The name alone; an IPv6 address keeps its brackets.</param>
    /// <returns>False for an opening bracket without its closing one.</returns>
    public static bool TryReduce(ReadOnlySpan<byte> host, out ReadOnlySpan<byte> name)
    {
        name = host;
        if (host.IsEmpty)
        {
            return true;
        }

        if (host[0] == '[')
        {
            var end = host.IndexOf((byte)']');
            name = host[..(end + 1)];
            return end >= 0;
        }

        var colon = host.IndexOf((byte)':');
        name = colon < 0 ? host : host[..colon];
        if (name.EndsWith("."u8))
        {
            name = name[..^1];
        }

        return true;
    }

    /// <summary>Reads a name of a site, or says what is wrong with it.</summary>
    /// <param name="text">The name as it is written; not <c>*</c>.</param>
    /// <param name="name">Lower-case bytes; a wildcard's begin with the dot.</param>
    /// <param name="problem">What is wrong.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out byte[]? name, [NotNullWhen(false)] out string? problem)
    {
        name = null;
        problem = Complaint(text);
        if (problem is not null)
        {
            return false;
        }

        if (text.StartsWith('['))
        {
            // A browser writes the shortest form, whatever was typed.
            name = Encoding.ASCII.GetBytes($"[{IPAddress.Parse(text.AsSpan(1, text.Length - 2))}]");
            return true;
        }

        var isWildcard = text.StartsWith("*.", StringComparison.Ordinal);
        var host = isWildcard ? text[2..] : text;
        if (host.EndsWith('.'))
        {
            host = host[..^1];
        }

        if (!Ascii.IsValid(host))
        {
            try
            {
                host = new IdnMapping().GetAscii(host);
            }
            catch (ArgumentException)
            {
                host = "";
            }
        }

        if (host.EndsWith('.') || !ServerAddress.IsHostName(host))
        {
            problem = $"Host [{text}] is not a host name; names are letters, digits, hyphens and dots, "
                + "with [*.] before them for a wildcard";
            return false;
        }

        name = Encoding.ASCII.GetBytes((isWildcard ? "." : "") + host.ToLowerInvariant());
        return true;
    }

    private static string? Complaint(string text)
    {
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        if (scheme >= 0)
        {
            return $"Host [{text}] is a URL; write [{text[(scheme + 3)..].Split('/', ':')[0]}]";
        }

        if (text.StartsWith('['))
        {
            return text.EndsWith(']') && IsIPv6(text[1..^1])
                ? null
                : $"Host [{text}] is not an IPv6 address in brackets without a port; write [[::1]]";
        }

        if (IsIPv6(text))
        {
            return $"Host [{text}] is an IPv6 address without brackets; write [[{text}]]";
        }

        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon >= 0)
        {
            return $"Host [{text}] has a port, which takes no part; write [{text[..colon]}]";
        }

        var star = text.LastIndexOf('*');
        return star > 0 || (star == 0 && !text.StartsWith("*.", StringComparison.Ordinal))
            ? $"Host [{text}] has a star that is not the whole first label; write [*.app.test], or [*] for every host"
            : null;
    }

    private static bool IsIPv6(string text) =>
        IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6;
}
