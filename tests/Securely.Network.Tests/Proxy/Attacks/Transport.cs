namespace Securely.Network.Tests.Proxy.Attacks;

/// <summary>What carries a client's bytes to the proxy.</summary>
public enum Transport
{
    /// <summary>TCP.</summary>
    Plain,
}
