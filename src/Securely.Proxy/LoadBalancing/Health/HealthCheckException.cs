namespace Securely.Proxy.LoadBalancing;

/// <summary>Why a backend that was reached is not healthy.</summary>
/// <param name="message">What it did.</param>
public sealed class HealthCheckException(string message) : Exception(message);
