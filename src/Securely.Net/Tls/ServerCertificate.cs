using System.Net.Security;

namespace Securely.Net;

/// <summary>A certificate with its key and its intermediates, ready for handshakes. Immutable and safe to share.</summary>
public sealed class ServerCertificate
{
    internal ServerCertificate(SslStreamCertificateContext context, bool isExpensive)
    {
        Context = context;
        IsExpensive = isExpensive;
    }

    /// <summary>What handshakes use; sessions are resumed as long as it is the same object.</summary>
    public SslStreamCertificateContext Context { get; }

    /// <summary>Whether a signature takes so long that handshakes are taken off the worker: RSA.</summary>
    public bool IsExpensive { get; }
}
