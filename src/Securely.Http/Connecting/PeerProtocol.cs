namespace Securely.Http;

/// <summary>Which HTTP version is spoken to an upstream.</summary>
public enum PeerProtocol
{
    /// <summary>HTTP/1.1, one request at a time on a connection.</summary>
    H1,

    /// <summary>HTTP/2: agreed on by ALPN where the peer has TLS, else by prior knowledge (RFC 9113 3.2, 3.3).</summary>
    H2,

    /// <summary>
    /// What the upstream chooses by ALPN, HTTP/2 first. One that has asked for HTTP/1.1 gets it for ten minutes without being asked again.
    /// Without TLS nothing can be agreed on, and HTTP/1.1 is spoken.
    /// </summary>
    Auto,
}
