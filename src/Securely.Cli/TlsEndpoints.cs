using System.Net.Security;
using Securely.Net;

namespace Securely.Cli;

/// <summary>Makes what listeners need for TLS, with one local authority for all of them.</summary>
/// <param name="dataDirectory">Where the local authority is kept.</param>
/// <param name="time">The clock of certificates.</param>
internal sealed class TlsEndpoints(string dataDirectory, TimeProvider time)
{
    private readonly List<CertificateStore> _stores = [];

    /// <summary>The local authority; null when no listener has asked for it.</summary>
    public LocalAuthority? Authority { get; private set; }

    /// <summary>Watches the files of certificates; null when there are none.</summary>
    public CertificateReloader? Reloader => _stores.Count > 0 ? new CertificateReloader(_stores) : null;

    /// <summary>Makes the TLS of one listener.</summary>
    /// <param name="listener">A listener.</param>
    /// <param name="options">Its TLS options.</param>
    /// <exception cref="CliException">The local authority cannot be used.</exception>
    public ServerTls Make(ListenerOptions listener, ListenerTlsOptions options) => new(options.IsAutomatic ? OpenAuthority() : Store(options))
    {
        Versions = options.Versions,
        ClientCertificates = options.ClientCertificates,
        ClientAuthorities = options.ClientAuthorities,
        ApplicationProtocols = listener.Http2 ? [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11] : [SslApplicationProtocol.Http11],
        HandshakeTimeout = listener.Timeouts.Handshake,
    };

    /// <summary>Makes the TLS of an address for questions about names.</summary>
    /// <param name="options">Its TLS options.</param>
    /// <param name="protocols">What is spoken inside of it.</param>
    /// <exception cref="CliException">The local authority cannot be used.</exception>
    public ServerTls Make(ListenerTlsOptions options, params IReadOnlyList<SslApplicationProtocol> protocols) => new(options.IsAutomatic ? OpenAuthority() : Store(options))
    {
        Versions = options.Versions,
        ClientCertificates = options.ClientCertificates,
        ClientAuthorities = options.ClientAuthorities,
        ApplicationProtocols = protocols,
    };

    private CertificateStore Store(ListenerTlsOptions options)
    {
        var store = new CertificateStore(options.Certificates);
        _stores.Add(store);
        return store;
    }

    private LocalAuthority OpenAuthority()
    {
        try
        {
            // First, because the authority makes the directories above it for everybody to read.
            DataDirectory.Create(dataDirectory);
            return Authority ??= LocalAuthority.Open(Path.Combine(dataDirectory, "authority"), time);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CliException(DataDirectory.CannotBeMade(dataDirectory, error));
        }
        catch (CertificateException error)
        {
            throw new CliException(error.Message);
        }
    }
}
