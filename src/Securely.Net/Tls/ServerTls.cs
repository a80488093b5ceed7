using System.Globalization;
using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Securely.Net;

/// <summary>How an endpoint speaks TLS to its clients (LIS-07, LIS-08). Immutable and safe to share.</summary>
/// <param name="certificates">Finds the certificate for the name that a client asks for.</param>
public sealed class ServerTls(CertificateSource certificates)
{
    private readonly ConditionalWeakTable<ServerCertificate, SslServerAuthenticationOptions> _plainOptions = [];

    /// <summary>Finds the certificate for the name that a client asks for.</summary>
    public CertificateSource Certificates { get; } = certificates;

    /// <summary>The protocols offered by ALPN, best first. Default: HTTP/1.1. A client that offers only others is refused (RFC 7301 3.2); one that offers none is served.</summary>
    public IReadOnlyList<SslApplicationProtocol> ApplicationProtocols { get; init; } = [SslApplicationProtocol.Http11];

    /// <summary>The versions that are spoken. Default: TLS 1.2 and 1.3; older ones are not for choice.</summary>
    public SslProtocols Versions { get; init; } = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>Whether clients are asked for certificates. Default: not.</summary>
    public ClientCertificateMode ClientCertificates { get; init; }

    /// <summary>The authorities whose certificates clients may show. Default: none, so that nobody's are good.</summary>
    public X509Certificate2Collection ClientAuthorities { get; init; } = [];

    /// <summary>How long a handshake may take, from the accept on. Default: 10 s.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    internal SslServerAuthenticationOptions OptionsFor(ServerCertificate certificate) =>
        // With client certificates the policy collects what each client sends.
        ClientCertificates == ClientCertificateMode.None ? _plainOptions.GetValue(certificate, MakeOptions) : MakeOptions(certificate);

    /// <summary>The name in lower case and in ASCII; null when it is none.</summary>
    internal static string? NormalizeName(string name)
    {
        if (name.Length == 0)
            return "";
        if (name.Length > 253)
            return null;
        try
        {
            var ascii = Ascii.IsValid(name) ? name : new IdnMapping().GetAscii(name);
            return ascii.TrimEnd('.').ToLowerInvariant();
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private SslServerAuthenticationOptions MakeOptions(ServerCertificate certificate)
    {
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = certificate.Context,
            EnabledSslProtocols = Versions,
            ApplicationProtocols = ApplicationProtocols.Count == 0 ? null : [.. ApplicationProtocols],
            AllowRenegotiation = false,
            ClientCertificateRequired = ClientCertificates != ClientCertificateMode.None,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        };
        if (ClientCertificates == ClientCertificateMode.None)
            return options;
        options.CertificateChainPolicy = ChainPolicies.Create(ClientAuthorities, "1.3.6.1.5.5.7.3.2");
        options.RemoteCertificateValidationCallback = IsClientWelcome;
        return options;
    }

    private bool IsClientWelcome(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        certificate is null ? ClientCertificates == ClientCertificateMode.Optional : errors == SslPolicyErrors.None;
}
