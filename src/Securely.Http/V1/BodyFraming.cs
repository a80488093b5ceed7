namespace Securely.Http;

/// <summary>How the end of a body is found (RFC 9112 6.3).</summary>
internal enum BodyFraming : byte
{
    /// <summary>There is no body.</summary>
    None,

    /// <summary>After so many bytes.</summary>
    ContentLength,

    /// <summary>At the last chunk.</summary>
    Chunked,

    /// <summary>When the peer closes; only for responses.</summary>
    UntilClose,

    /// <summary>The message ends HTTP: what follows are bytes of another protocol, until close. After 101, or 2xx to CONNECT.</summary>
    Tunnel,
}

/// <summary>What the fields of a head say about its body and its connection.</summary>
internal struct MessageFraming
{
    /// <summary>How the end of the body is found.</summary>
    public BodyFraming Body;

    /// <summary>
    /// The body's length when <see cref="Body"/> is <see cref="BodyFraming.ContentLength"/>; 0 otherwise. A length of 0 is
    /// <see cref="BodyFraming.None"/>.
    /// </summary>
    public long Length;

    /// <summary>Whether the connection may carry another message afterwards (rows H1S-11, H1C-04).</summary>
    public bool KeepAlive;

    /// <summary>Whether the request waits for 100 before it sends its body.</summary>
    public bool ExpectsContinue;

    /// <summary>Whether an HTTP/1.1 message names upgrade in Connection and a protocol in Upgrade.</summary>
    public bool Upgrade;

    /// <summary>The seconds of <c>Keep-Alive: timeout=N</c>; -1 when not given.</summary>
    public int KeepAliveTimeout;
}
