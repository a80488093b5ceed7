using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Securely.Net;

/// <summary>The digest of the connection below, and what the handshake has agreed on.</summary>
internal sealed class TlsConnectionDigest : ConnectionDigest
{
    private readonly ConnectionDigest _inner;

    internal TlsConnectionDigest(TlsConnection connection)
        : base(connection.InnerDigest.RemoteEndPoint)
    {
        _inner = connection.InnerDigest;
        var ssl = connection.Ssl;
        Tls = new TlsDigest(ssl.SslProtocol, ssl.NegotiatedCipherSuite, ssl.NegotiatedApplicationProtocol, connection.ServerName, ssl.RemoteCertificate as X509Certificate2);
    }

    public override TlsDigest? Tls { get; }

    public override EndPoint? LocalEndPoint => _inner.LocalEndPoint;

    public override DateTimeOffset? EstablishedAt => _inner.EstablishedAt;

    public override DateTimeOffset? LastReceivedAt => _inner.LastReceivedAt;

    public override EndPoint? OriginalDestination => _inner.OriginalDestination;

    public override int? ReceiveBufferSize => _inner.ReceiveBufferSize;

    public override int? SendBufferSize => _inner.SendBufferSize;

    public override TcpInfo? GetTcpInfo() => _inner.GetTcpInfo();
}
