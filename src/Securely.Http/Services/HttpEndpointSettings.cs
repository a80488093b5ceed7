namespace Securely.Http;

/// <summary>What one endpoint does differently from its service.</summary>
/// <param name="Timeouts">How long its clients may take.</param>
/// <param name="Limits">How large its messages may be.</param>
/// <param name="Http2">Whether HTTP/2 is spoken too: where TLS has chosen it, and on cleartext to a client that begins with its preface.</param>
public sealed record HttpEndpointSettings(HttpTimeouts Timeouts, HttpLimits Limits, bool Http2 = true);
