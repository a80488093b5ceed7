namespace Securely.Network.Tests.Proxy.Attacks;

/// <summary>What carries a client's bytes to the proxy.</summary>
public enum Transport
{
    /// <summary>TCP.</summary>
    Plain,

    /// <summary>TLS 1.3, with a record for each piece that is sent.</summary>
    Tls,
}
