using System.Security.Authentication;
using Securely.Config;
using Securely.Net;

namespace Securely.Cli;

/// <summary>
/// Reads <c>tls</c> of a listener: <c>auto</c>, a map with a certificate and what clients have to show, or a list of certificates. The files are
/// read here, so that <c>check</c> says what is wrong with them.
/// </summary>
internal static class ListenerTlsSection
{
    public const string Name = "tls";

    private const string Automatic = "auto";
    private const string Forms = "write [auto], [{cert: FILE, key: FILE}], or a list of such maps";

    private static readonly Dictionary<string, ClientCertificateMode> Modes = new(StringComparer.Ordinal)
    {
        ["require"] = ClientCertificateMode.Required,
        ["optional"] = ClientCertificateMode.Optional,
    };

    private static readonly Dictionary<string, SslProtocols> Versions = new(StringComparer.Ordinal)
    {
        ["1.2"] = SslProtocols.Tls12 | SslProtocols.Tls13,
        ["1.3"] = SslProtocols.Tls13,
    };

    /// <summary>The options; null when the listener has no TLS, or when they cannot be read.</summary>
    public static ListenerTlsOptions? Read(SectionReader listener, TimeProvider time)
    {
        if (!listener.Has(Name))
            return null;
        switch (listener.Value(Name)?.Kind)
        {
            case ConfigKind.Map:
                return ReadMap(listener.Map(Name)!, time);
            case ConfigKind.List:
                return ReadList(listener, time);
            case ConfigKind.Text when listener.Value(Name)!.Text is Automatic:
                return new ListenerTlsOptions { IsAutomatic = true };
            case ConfigKind.Text:
                listener.Error(Name, $"[{Name}] is not known as [{listener.Value(Name)!.Text}]; {Forms}");
                return null;
            default:
                listener.Error(Name, $"[{Name}] has no value; {Forms}");
                return null;
        }
    }

    private static ListenerTlsOptions ReadMap(SectionReader section, TimeProvider time)
    {
        section.Require("cert", "key");
        var certificate = CertificateValues.ReadPair(section, "cert", "key", time);
        var authorities = CertificateValues.ReadAuthorities(section, "client_ca");
        var mode = section.OneOf("client_auth", ClientCertificateMode.Required, Modes);
        if (section.Has("client_auth") && !section.Has("client_ca"))
            section.Error("client_auth", "[client_auth] needs [client_ca]: a file with the authorities that sign for clients");
        return new ListenerTlsOptions
        {
            Certificates = certificate is null ? [] : [certificate],
            ClientCertificates = authorities is null ? ClientCertificateMode.None : mode,
            ClientAuthorities = authorities ?? [],
            Versions = section.OneOf("min_version", Versions["1.2"], Versions),
        };
    }

    private static ListenerTlsOptions ReadList(SectionReader listener, TimeProvider time)
    {
        var sections = listener.Maps(Name);
        if (sections.Count == 0)
            listener.Error(Name, $"[{Name}] is empty; {Forms}");
        var certificates = new List<ServerCertificate>();
        foreach (var section in sections)
        {
            section.Require("cert", "key");
            if (CertificateValues.ReadPair(section, "cert", "key", time) is not { } certificate)
                continue;
            if (certificates.Count > 0 && certificate.Names.All(name => certificates.Any(earlier => earlier.Names.Contains(name))))
                section.Warning("cert", $"{certificate} is never shown: those above it have all of its names");
            certificates.Add(certificate);
        }

        return new ListenerTlsOptions { Certificates = certificates };
    }
}
