namespace Securely.Http;

/// <summary>A connection error (RFC 9113 5.4.1): nothing on the connection can be trusted any more. Caught where the connection is read.</summary>
/// <param name="code">What the peer is told.</param>
/// <param name="problem">What it did.</param>
internal sealed class Http2Exception(Http2ErrorCode code, string problem) : IOException(problem)
{
    internal Http2ErrorCode Code { get; } = code;

    /// <summary>Whether it was late rather than too much.</summary>
    internal bool IsLate { get; init; }
}
