using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Securely.Net;

/// <summary>How to speak TLS to a server, and what it has to prove (CON-09). Immutable and safe to share.</summary>
public sealed record ClientTls
{
    /// <summary>
    /// The name to ask for (SNI) and to find in the certificate. Default: empty; then none is sent, and the certificate has to name the address.
    /// </summary>
    public string ServerName { get; init; } = "";

    /// <summary>Another name that the certificate may have instead. Default: null.</summary>
    public string? AlternativeName { get; init; }

    /// <summary>
    /// Whether the certificate has to come from an authority that is trusted. Default: true. Without it nothing of the certificate counts, its
    /// names neither.
    /// </summary>
    public bool VerifyCertificate { get; init; } = true;

    /// <summary>Whether the certificate has to have the name. Default: true.</summary>
    public bool VerifyHostName { get; init; } = true;

    /// <summary>The only authorities to trust. Default: null, the system's.</summary>
    public X509Certificate2Collection? Authorities { get; init; }

    /// <summary>The own certificate, with its key and its intermediates, for a server that asks for one. Default: null.</summary>
    public SslStreamCertificateContext? ClientCertificate { get; init; }

    /// <summary>The protocols offered by ALPN, best first. Default: none, and no ALPN.</summary>
    public IReadOnlyList<SslApplicationProtocol> ApplicationProtocols { get; init; } = [];

    /// <summary>The versions that are spoken. Default: TLS 1.2 and 1.3.</summary>
    public SslProtocols Versions { get; init; } = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>The framework's options for one handshake.</summary>
    /// <param name="address">What the certificate has to name when there is no name.</param>
    /// <param name="refuse">Called when the server's certificate is refused.</param>
    internal SslClientAuthenticationOptions MakeOptions(IPAddress? address, Action refuse) => new()
    {
        TargetHost = ServerName,
        EnabledSslProtocols = Versions,
        ApplicationProtocols = ApplicationProtocols.Count == 0 ? null : [.. ApplicationProtocols],
        ClientCertificateContext = ClientCertificate,
        AllowRenegotiation = false,
        CertificateChainPolicy = ChainPolicies.Create(Authorities, "1.3.6.1.5.5.7.3.1"),
        RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
        {
            var isGood = IsGood(certificate as X509Certificate2, errors, address);
            if (!isGood)
                refuse();
            return isGood;
        },
    };

    private bool IsGood(X509Certificate2? certificate, SslPolicyErrors errors, IPAddress? address)
    {
        if (!VerifyCertificate)
            return true;
        if (certificate is null || (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) != 0)
            return false;
        return !VerifyHostName || HasName(certificate, ServerName.Length == 0 ? address?.ToString() : ServerName) || HasName(certificate, AlternativeName);
    }

    /// <summary>
    /// Whether the certificate has the name. A name that begins with a label with underscores is looked for with hyphens in it too: no authority
    /// signs the former (CON-09).
    /// </summary>
    private static bool HasName(X509Certificate2 certificate, string? name)
    {
        if (string.IsNullOrEmpty(name))
            return false;
        if (certificate.MatchesHostname(name, allowWildcards: true, allowCommonName: false))
            return true;
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && name.AsSpan(0, dot).Contains('_') && name.AsSpan(dot + 1).Contains('.')
            && certificate.MatchesHostname(name[..dot].Replace('_', '-') + name[dot..], allowWildcards: true, allowCommonName: false);
    }
}
