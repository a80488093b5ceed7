using System.Net;
using Securely.Net;

namespace Securely.Http;

/// <summary>What two requests must have in common to use the same connection: everything that shapes the connection itself (CON-13).</summary>
/// <remarks>Timeouts of single operations are not part of it; they belong to the request.</remarks>
public sealed class PeerKey : PoolKey
{
    private readonly EndPoint _address;
    private readonly ulong _group;
    private readonly IPAddress? _bindTo;
    private readonly (int Low, int High)? _portRange;
    private readonly TcpKeepAlive? _keepAlive;
    private readonly int? _receiveBuffer;
    private readonly int? _dscp;
    private readonly ClientTls? _tls;
    private readonly Func<HttpPeer, ValueTask<Connection>>? _connect;
    private readonly PeerProtocol _protocol;
    private readonly int _hash;

    internal PeerKey(HttpPeer peer)
    {
        _address = peer.Address;
        _group = peer.GroupKey;
        _bindTo = peer.Options.BindTo;
        _portRange = peer.Options.PortRange;
        _keepAlive = peer.Options.KeepAlive;
        _receiveBuffer = peer.Options.ReceiveBuffer;
        _dscp = peer.Options.Dscp;
        _tls = peer.Tls;
        _connect = peer.Options.Connect;
        _protocol = peer.Options.Protocol;
        _hash = HashCode.Combine(_address, _group, _bindTo, _portRange, _keepAlive, _receiveBuffer, _dscp, HashCode.Combine(_tls?.ServerName, _connect, _protocol));
    }

    /// <inheritdoc/>
    public override bool Equals(PoolKey? other) => ReferenceEquals(this, other) || (other is PeerKey key && _hash == key._hash && EqualsParts(key));

    /// <inheritdoc/>
    public override int GetHashCode() => _hash;

    private bool EqualsParts(PeerKey key) => _group == key._group && _address.Equals(key._address) && Equals(_bindTo, key._bindTo)
        && _portRange == key._portRange && Equals(_keepAlive, key._keepAlive) && _receiveBuffer == key._receiveBuffer && _dscp == key._dscp
        && _connect == key._connect && _protocol == key._protocol && EqualsTls(_tls, key._tls);

    /// <summary>Authorities and own certificates are compared as objects: equal ones in two objects only cost a connection.</summary>
    private static bool EqualsTls(ClientTls? first, ClientTls? second) => ReferenceEquals(first, second) || (first is not null && second is not null
        && first.ServerName == second.ServerName && first.AlternativeName == second.AlternativeName
        && first.VerifyCertificate == second.VerifyCertificate && first.VerifyHostName == second.VerifyHostName
        && ReferenceEquals(first.Authorities, second.Authorities) && ReferenceEquals(first.ClientCertificate, second.ClientCertificate)
        && first.Versions == second.Versions && first.ApplicationProtocols.SequenceEqual(second.ApplicationProtocols));
}
