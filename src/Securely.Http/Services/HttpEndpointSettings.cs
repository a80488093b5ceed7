namespace Securely.Http;

/// <summary>What one endpoint does differently from its service.</summary>
/// <param name="Timeouts">How long its clients may take.</param>
/// <param name="Limits">How large its messages may be.</param>
public sealed record HttpEndpointSettings(HttpTimeouts Timeouts, HttpLimits Limits);
