using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Securely.Net;

namespace Securely.Cli;

/// <summary><c>tls</c> of a listener.</summary>
internal sealed record ListenerTlsOptions
{
    /// <summary>Whether the local authority makes the certificates (<c>auto</c>); there are no <see cref="Certificates"/> then.</summary>
    public bool IsAutomatic { get; init; }

    /// <summary>The certificates; the first answers where no name matches.</summary>
    public IReadOnlyList<ServerCertificate> Certificates { get; init; } = [];

    /// <summary>Whether clients are asked for certificates.</summary>
    public ClientCertificateMode ClientCertificates { get; init; }

    /// <summary>The authorities of the clients' certificates.</summary>
    public X509Certificate2Collection ClientAuthorities { get; init; } = [];

    /// <summary>The versions that are spoken.</summary>
    public SslProtocols Versions { get; init; } = SslProtocols.Tls12 | SslProtocols.Tls13;
}
