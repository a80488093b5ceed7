namespace Securely.Dns;

/// <summary>What has brought a question, as figures and the query log name it.</summary>
internal enum DnsTransport : byte
{
    /// <summary>A datagram: its sender's address may be a lie, and its size is limited.</summary>
    Udp,

    /// <summary>A stream (RFC 7766).</summary>
    Tcp,

    /// <summary>A stream inside of TLS (RFC 7858).</summary>
    Tls,

    /// <summary>A request over HTTP (RFC 8484).</summary>
    Https,
}

/// <summary>The transports as people know them.</summary>
internal static class DnsTransports
{
    private static readonly byte[][] _utf8 = ["udp"u8.ToArray(), "tcp"u8.ToArray(), "dot"u8.ToArray(), "doh"u8.ToArray()];

    /// <summary>The names, in the order of the numbers.</summary>
    internal static string[] Names { get; } = ["udp", "tcp", "dot", "doh"];

    internal static ReadOnlySpan<byte> Utf8Of(DnsTransport transport) => _utf8[(int)transport];
}
