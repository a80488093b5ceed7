using Securely.Config;
using Securely.Net;

namespace Securely.Cli;

/// <summary>Reads <c>tls</c> of an upstream: <c>true</c>, or what its servers have to prove and what they are shown.</summary>
internal static class UpstreamTlsSection
{
    public const string Name = "tls";

    /// <summary>The options; null when the upstream has no TLS, or when they cannot be read.</summary>
    public static ClientTls? Read(SectionReader upstream, TimeProvider time)
    {
        switch (upstream.Has(Name) ? upstream.Value(Name)?.Kind : ConfigKind.Null)
        {
            case ConfigKind.Map:
                return ReadMap(upstream.Map(Name)!, time);
            case ConfigKind.Text:
                return upstream.Boolean(Name, false) ? new ClientTls() : null;
            case ConfigKind.List:
                upstream.Error(Name, $"[{Name}] must be [true], or a map as in [{Name}: {{sni: app.internal}}]");
                return null;
            default:
                if (upstream.Has(Name))
                    upstream.Error(Name, $"[{Name}] has no value; write [true], or a map as in [{Name}: {{sni: app.internal}}]");
                return null;
        }
    }

    private static ClientTls ReadMap(SectionReader section, TimeProvider time)
    {
        var authorities = CertificateValues.ReadAuthorities(section, "ca");
        var verifyCertificate = section.Boolean("verify_cert", true);
        var verifyHostName = section.Boolean("verify_hostname", true);
        foreach (var key in (string[])["ca", "verify_hostname", "alternative_cn"])
        {
            if (!verifyCertificate && section.Has(key) && (key != "verify_hostname" || verifyHostName))
                section.Warning(key, $"[{key}] has no meaning where [verify_cert] is [false]; take one of them out");
        }

        return new ClientTls
        {
            ServerName = section.Text("sni", ""),
            AlternativeName = section.Text("alternative_cn", "") is { Length: > 0 } name ? name : null,
            VerifyCertificate = verifyCertificate,
            VerifyHostName = verifyHostName,
            Authorities = authorities,
            ClientCertificate = ReadClientCertificate(section, time)?.Context,
        };
    }

    private static ServerCertificate? ReadClientCertificate(SectionReader section, TimeProvider time)
    {
        var (hasCertificate, hasKey) = (section.Has("client_cert"), section.Has("client_key"));
        if (hasCertificate != hasKey)
            section.Error(hasKey ? "client_key" : "client_cert", hasKey ? "[client_key] needs [client_cert]" : "[client_cert] needs [client_key]");
        return CertificateValues.ReadPair(section, "client_cert", "client_key", time, isForClients: true);
    }
}
