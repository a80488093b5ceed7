namespace Securely.Proxy;

/// <summary>What became of a request that failed.</summary>
/// <param name="StatusCode">What was answered; 0 when nothing was.</param>
/// <param name="CanReuseDownstream">Whether the client's connection may serve another request; honoured only for errors before an upstream was chosen.</param>
public readonly record struct FailToProxy(int StatusCode, bool CanReuseDownstream = false);
