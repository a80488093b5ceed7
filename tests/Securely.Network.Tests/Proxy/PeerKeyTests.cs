using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Reflection;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Securely.Http;
using Securely.Net;

namespace Securely.Network.Tests.Proxy;

/// <summary>Which requests may use the same connection (CON-13): the key holds all that shapes a connection, and nothing that belongs to a request.</summary>
public sealed class PeerKeyTests
{
    private static readonly IPEndPoint _address = new(IPAddress.Loopback, 80);
    private static readonly Func<HttpPeer, ValueTask<Connection>> _connect = _ => throw new InvalidOperationException();

    /// <summary>What belongs to the request, or to the making of the connection only.</summary>
    private static readonly string[] _notInKey =
    [
        nameof(PeerOptions.PortRangeFallback), nameof(PeerOptions.ConnectionTimeout), nameof(PeerOptions.TotalConnectionTimeout), nameof(PeerOptions.ReadTimeout),
        nameof(PeerOptions.WriteTimeout), nameof(PeerOptions.IdleTimeout), nameof(PeerOptions.FastOpen), nameof(PeerOptions.AllowInvalidContentLength),
        nameof(PeerOptions.MaxHttp2Streams), nameof(PeerOptions.Http2PingInterval),
    ];

    [Fact]
    public void Every_option_is_in_the_key_or_on_the_list_of_those_that_are_not()
    {
        foreach (var property in typeof(PeerOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            // A record's copy, of which a single property is another one.
            var changed = typeof(PeerOptions).GetMethod("<Clone>$")!.Invoke(PeerOptions.Default, [])!;
            property.SetValue(changed, Other(property));
            var differs = !KeyOf(new HttpPeer(_address) { Options = (PeerOptions)changed }).Equals(KeyOf(new HttpPeer(_address)));
            Assert.True(differs != _notInKey.Contains(property.Name), $"Option [{property.Name}] {(differs ? "is" : "is not")} in the key");
        }
    }

    [Fact]
    public void Every_part_of_TLS_is_in_the_key()
    {
        using var certificate = SelfSigned();
        var plain = new ClientTls { ServerName = "a.test" };
        Assert.Equal(KeyOf(Tls(plain)), KeyOf(Tls(new ClientTls { ServerName = "a.test" })));
        Assert.NotEqual(KeyOf(Tls(plain)), KeyOf(new HttpPeer(_address)));
        foreach (var property in typeof(ClientTls).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite))
        {
            var changed = new ClientTls { ServerName = "a.test" };
            property.SetValue(changed, OtherTls(property, certificate));
            Assert.True(!KeyOf(Tls(changed)).Equals(KeyOf(Tls(plain))), $"TLS option [{property.Name}] is not in the key");
        }

        static HttpPeer Tls(ClientTls tls) => new(_address) { Tls = tls };
    }

    [Fact]
    public void Address_and_group_are_in_the_key()
    {
        var key = KeyOf(new HttpPeer(_address));
        Assert.Equal(key, KeyOf(new HttpPeer(new IPEndPoint(IPAddress.Loopback, 80))));
        Assert.Equal(key.GetHashCode(), KeyOf(new HttpPeer(new IPEndPoint(IPAddress.Loopback, 80))).GetHashCode());
        Assert.NotEqual(key, KeyOf(new HttpPeer(new IPEndPoint(IPAddress.Loopback, 81))));
        Assert.NotEqual(key, KeyOf(new HttpPeer(new IPEndPoint(IPAddress.Parse("127.0.0.2"), 80))));
        Assert.NotEqual(key, KeyOf(new HttpPeer(_address) { GroupKey = 1 }));
        Assert.Equal(KeyOf(new HttpPeer(new UnixDomainSocketEndPoint("/a"))), KeyOf(new HttpPeer(new UnixDomainSocketEndPoint("/a"))));
        Assert.NotEqual(KeyOf(new HttpPeer(new UnixDomainSocketEndPoint("/a"))), KeyOf(new HttpPeer(new UnixDomainSocketEndPoint("/b"))));
        Assert.False(key.Equals((object?)null));
        Assert.False(key.Equals(new OtherKey()));
    }

    [Fact]
    public void Equal_options_in_other_objects_make_equal_keys()
    {
        Assert.Equal(KeyOf(Full()), KeyOf(Full()));
        Assert.Equal(KeyOf(Full()).GetHashCode(), KeyOf(Full()).GetHashCode());

        static HttpPeer Full() => new(_address)
        {
            GroupKey = 7,
            Options = new PeerOptions
            {
                BindTo = IPAddress.Parse("127.0.0.2"),
                PortRange = (1000, 2000),
                KeepAlive = new TcpKeepAlive(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), 3),
                ReceiveBuffer = 4096,
                Dscp = 8,
                Connect = _connect,
            },
        };
    }

    [Fact]
    public void Keys_of_one_hash_are_compared_for_real()
    {
        var first = new HttpPeer(new ClashingEndPoint("a"));
        var second = new HttpPeer(new ClashingEndPoint("b"));
        Assert.Equal(KeyOf(first).GetHashCode(), KeyOf(second).GetHashCode());
        Assert.NotEqual(KeyOf(first), KeyOf(second));
        Assert.Equal(KeyOf(first), KeyOf(new HttpPeer(new ClashingEndPoint("a"))));
    }

    [Fact]
    public void A_peer_makes_its_key_once()
    {
        var peer = new HttpPeer(_address);
        Assert.Same(peer.ReuseKey, peer.ReuseKey);
    }

    private static PeerKey KeyOf(HttpPeer peer) => peer.ReuseKey;

    private static object Other(PropertyInfo property) => property.Name switch
    {
        nameof(PeerOptions.BindTo) => IPAddress.Parse("127.0.0.2"),
        nameof(PeerOptions.PortRange) => (1000, 2000),
        nameof(PeerOptions.KeepAlive) => new TcpKeepAlive(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), 3),
        nameof(PeerOptions.Connect) => _connect,
        nameof(PeerOptions.Protocol) => PeerProtocol.H2,
        nameof(PeerOptions.MaxHttp2Streams) => 7,
        _ when property.PropertyType == typeof(bool) => !(bool)property.GetValue(PeerOptions.Default)!,
        _ when property.PropertyType == typeof(TimeSpan) || property.PropertyType == typeof(TimeSpan?) => TimeSpan.FromSeconds(7),
        _ when property.PropertyType == typeof(int?) => 7,
        _ => throw new InvalidOperationException($"Option [{property.Name}] is new: decide whether it belongs to the key of a connection, and say here what another value of it is"),
    };

    private static object OtherTls(PropertyInfo property, X509Certificate2 certificate) => property.Name switch
    {
        nameof(ClientTls.ServerName) or nameof(ClientTls.AlternativeName) => "b.test",
        nameof(ClientTls.VerifyCertificate) or nameof(ClientTls.VerifyHostName) => false,
        nameof(ClientTls.Authorities) => new X509Certificate2Collection(certificate),
        nameof(ClientTls.ClientCertificate) => SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true),
        nameof(ClientTls.Versions) => SslProtocols.Tls12,
        nameof(ClientTls.ApplicationProtocols) => new[] { SslApplicationProtocol.Http11 },
        _ => throw new InvalidOperationException($"TLS option [{property.Name}] is new: put it into the key of a connection, and say here what another value of it is"),
    };

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=a.test", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
    }

    private sealed class OtherKey : PoolKey
    {
        public override bool Equals(PoolKey? other) => other is OtherKey;

        public override int GetHashCode() => 1;
    }

    /// <summary>Addresses that only a real comparison tells apart.</summary>
    private sealed class ClashingEndPoint(string name) : EndPoint
    {
        private readonly string _name = name;

        public override bool Equals(object? comparand) => comparand is ClashingEndPoint other && other._name == _name;

        public override int GetHashCode() => 1;
    }
}
