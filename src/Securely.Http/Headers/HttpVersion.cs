namespace Securely.Http;

/// <summary>The protocol version of one message. Only these are spoken; any other is answered 505.</summary>
public enum HttpVersion : byte
{
    /// <summary>HTTP/1.0: no transfer coding, closes unless asked otherwise.</summary>
    Http10,

    /// <summary>HTTP/1.1 (RFC 9112).</summary>
    Http11,

    /// <summary>HTTP/2 (RFC 9113).</summary>
    Http2,
}
