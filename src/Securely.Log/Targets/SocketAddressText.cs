using System.Globalization;
using System.Net.Sockets;

namespace Securely.Log;

/// <summary>Where a log is sent: <c>udp://HOST:PORT</c>, <c>tcp://HOST:PORT</c> or <c>unix:/path</c>.</summary>
internal sealed record SocketAddressText(string Kind, string Host, int Port)
{
    private const string UnixPrefix = "unix:";

    /// <exception cref="LogConfigurationException">It is none of these.</exception>
    public static SocketAddressText Parse(string text, int defaultPort)
    {
        if (text.StartsWith(UnixPrefix, StringComparison.Ordinal) && text.Length > UnixPrefix.Length)
            return new SocketAddressText("unix", text[UnixPrefix.Length..].Replace("//", "/", StringComparison.Ordinal), 0);
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "udp" or "tcp" && url.Host.Length > 0)
            return new SocketAddressText(url.Scheme, url.IdnHost, url.Port > 0 ? url.Port : defaultPort);
        throw new LogConfigurationException($"Address [{text}] is not one of a log; write it as in udp://127.0.0.1:514, tcp://127.0.0.1:601 or unix:/dev/log.");
    }

    public async ValueTask<Socket> ConnectAsync(CancellationToken cancellationToken)
    {
        var socket = Kind switch
        {
            "unix" => new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified),
            "udp" => new Socket(SocketType.Dgram, ProtocolType.Udp),
            _ => new Socket(SocketType.Stream, ProtocolType.Tcp),
        };
        try
        {
            if (Kind == "unix")
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(Host), cancellationToken).ConfigureAwait(false);
            else
                await socket.ConnectAsync(Host, Port, cancellationToken).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public override string ToString() => Kind == "unix" ? UnixPrefix + Host : string.Create(CultureInfo.InvariantCulture, $"{Kind}://{Host}:{Port}");
}
