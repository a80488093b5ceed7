using System.Net;
using System.Net.Sockets;
using Securely.Http;

namespace Securely.Cli;

/// <summary>One entry of <c>listeners</c>.</summary>
/// <param name="Address"><c>IP:PORT</c>, <c>[IPv6]:PORT</c>, <c>*:PORT</c>, <c>localhost:PORT</c> or <c>unix:/path</c>; port 0 takes a free one.</param>
internal sealed record ListenerOptions(string Address)
{
    /// <summary>The address that is taken when a file has no <c>listeners</c>, or when there is no file.</summary>
    public const string DefaultAddress = "127.0.0.1:8080";

    /// <summary>Whether nobody asked for this address, so that the next free port may be taken instead.</summary>
    public bool IsDefault { get; init; }

    /// <summary>How long a client may take.</summary>
    public HttpTimeouts Timeouts { get; init; } = HttpTimeouts.Default;

    /// <summary>Whether HTTP/2 is spoken too: offered in TLS, and on cleartext to clients that begin with it.</summary>
    public bool Http2 { get; init; } = true;

    /// <summary>How TLS is spoken; null for cleartext.</summary>
    public ListenerTlsOptions? Tls { get; init; }

    /// <summary>How large a request may be.</summary>
    public HttpLimits Limits { get; init; } = HttpLimits.Default;

    /// <summary>The listener of whoever did not ask for one.</summary>
    public static ListenerOptions Default { get; } = new(DefaultAddress) { IsDefault = true };

    /// <summary>How the address is shown: <c>http://ADDRESS/</c>, <c>https://ADDRESS/</c> or <c>unix:/path</c>.</summary>
    /// <param name="bound">Where it listens, with the port that it got.</param>
    public string Describe(EndPoint bound) =>
        bound is UnixDomainSocketEndPoint ? UnixAddress.Prefix + bound : $"{(Tls is null ? "http" : "https")}://{bound}/";

    /// <summary>The path of a Unix socket; null for all other addresses.</summary>
    public string? UnixPath => Address.StartsWith(UnixAddress.Prefix, StringComparison.Ordinal) ? Address[UnixAddress.Prefix.Length..] : null;
}
