namespace Securely.Proxy;

/// <summary>How an error travels out of a phase.</summary>
/// <param name="error">The error.</param>
public sealed class ProxyException(ProxyError error) : Exception(error.ToString(), error.Cause)
{
    /// <summary>The error.</summary>
    public ProxyError Error { get; } = error;
}
