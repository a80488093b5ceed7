using System.Net;
using System.Net.Security;
using Securely.Net;

namespace Securely.Http;

/// <summary>Where and how to reach one upstream. Immutable and safe to share; make one for each upstream and keep it.</summary>
/// <param name="address">An <see cref="IPEndPoint"/> or a <see cref="System.Net.Sockets.UnixDomainSocketEndPoint"/>; names are resolved before.</param>
public sealed class HttpPeer(EndPoint address)
{
    private PeerKey? _key;
    private TcpConnectOptions? _connectOptions;
    private Http2Options? _http2;
    private ClientTls? _anyVersion;
    private ClientTls? _onlyHttp1;

    /// <summary>The address.</summary>
    public EndPoint Address { get; } = address;

    /// <summary>Peers of different groups never share a connection. Default: 0.</summary>
    public ulong GroupKey { get; init; }

    /// <summary>What the upstream has to prove, and how to speak TLS to it. Default: null, no TLS.</summary>
    public ClientTls? Tls { get; init; }

    /// <summary>How to connect.</summary>
    public PeerOptions Options { get; init; } = PeerOptions.Default;

    /// <summary>The only thing that decides whether a pooled connection serves this peer.</summary>
    public PeerKey ReuseKey => _key ??= new PeerKey(this);

    /// <summary>Reads an address.</summary>
    /// <param name="address"><c>IP:PORT</c>, <c>[IPv6]:PORT</c> or <c>unix:/path</c>.</param>
    /// <param name="options">Defaults when null.</param>
    /// <returns>The peer.</returns>
    /// <exception cref="FormatException">It is not an address.</exception>
    public static HttpPeer Parse(string address, PeerOptions? options = null) => new(ListenAddress.Parse(address)) { Options = options ?? PeerOptions.Default };

    /// <summary>The address.</summary>
    /// <returns><c>IP:PORT</c> or the path.</returns>
    public override string ToString() => Address.ToString()!;

    /// <summary>How long making a connection may take; infinite without a limit.</summary>
    internal TimeSpan ConnectTimeout => Shorter(Options.ConnectionTimeout, Options.TotalConnectionTimeout);

    /// <summary>How long a TLS handshake may take (CON-02): as long as the dialling on its own, and no longer than all steps together.</summary>
    /// <param name="elapsed">What the steps before have taken, in milliseconds.</param>
    internal TimeSpan HandshakeTimeout(long elapsed)
    {
        var left = Options.TotalConnectionTimeout - TimeSpan.FromMilliseconds(elapsed);
        return Shorter(Options.ConnectionTimeout, left < TimeSpan.Zero ? TimeSpan.Zero : left);
    }

    /// <summary>Whether HTTP/2 may be spoken.</summary>
    internal bool MaySpeakHttp2 => Options.Protocol == PeerProtocol.H2 || (Options.Protocol == PeerProtocol.Auto && Tls is not null);

    /// <summary>What an HTTP/2 connection grants its upstream, and how long it waits for it.</summary>
    internal Http2Options Http2 => _http2 ??= new Http2Options
    {
        IdleTimeout = Options.IdleTimeout ?? Timeout.InfiniteTimeSpan,
        WriteTimeout = Options.WriteTimeout ?? Timeout.InfiniteTimeSpan,
        PingInterval = Options.Http2PingInterval ?? Timeout.InfiniteTimeSpan,
        HeaderListSize = 256 * 1024,
        Headers = 256,
    };

    /// <summary>How to speak TLS, with what is offered by ALPN.</summary>
    /// <param name="onlyHttp1">Whether HTTP/2 is not to be offered, because the upstream does not want it, or it cannot carry the request.</param>
    internal ClientTls OfferTls(bool onlyHttp1) => Options.Protocol switch
    {
        not PeerProtocol.H1 when onlyHttp1 => _onlyHttp1 ??= Tls! with { ApplicationProtocols = [SslApplicationProtocol.Http11] },
        PeerProtocol.H2 => _anyVersion ??= Tls! with { ApplicationProtocols = [SslApplicationProtocol.Http2] },
        PeerProtocol.Auto => _anyVersion ??= Tls! with { ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11] },
        _ => Tls!,
    };

    internal TcpConnectOptions ConnectOptions(IReadOnlyList<IPAddress> sources)
    {
        // Services with own addresses of their own may share a peer.
        var options = _connectOptions;
        if (options is null || !ReferenceEquals(options.SourceAddresses, sources))
            _connectOptions = options = MakeConnectOptions(sources);
        return options;
    }

    private TcpConnectOptions MakeConnectOptions(IReadOnlyList<IPAddress> sources) => new()
    {
        ConnectTimeout = ConnectTimeout,
        BindTo = Options.BindTo,
        PortRange = Options.PortRange,
        PortRangeFallback = Options.PortRangeFallback,
        SourceAddresses = sources,
        KeepAlive = Options.KeepAlive,
        FastOpen = Options.FastOpen,
        ReceiveBuffer = Options.ReceiveBuffer,
        Dscp = Options.Dscp,
    };

    private static TimeSpan Shorter(TimeSpan? first, TimeSpan? second)
    {
        if (first is null || second is null)
            return first ?? second ?? Timeout.InfiniteTimeSpan;
        return first < second ? first.Value : second.Value;
    }
}
