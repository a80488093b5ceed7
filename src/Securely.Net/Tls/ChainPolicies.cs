using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Securely.Net;

/// <summary>How certificates of peers are judged.</summary>
internal static class ChainPolicies
{
    /// <summary>Makes a policy; it collects what the peer sends, so it serves one handshake.</summary>
    /// <param name="authorities">The only ones to trust; null for the system's.</param>
    /// <param name="purpose">What the certificate must be good for.</param>
    internal static X509ChainPolicy Create(X509Certificate2Collection? authorities, string purpose)
    {
        var policy = new X509ChainPolicy
        {
            RevocationMode = X509RevocationMode.NoCheck,
            // A peer's certificate must not make this process fetch what it names.
            DisableCertificateDownloads = true,
        };
        policy.ApplicationPolicy.Add(new Oid(purpose));
        if (authorities is null)
            return policy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }
}
