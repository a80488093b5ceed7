using System.Net;
using Securely.Dns;

namespace Securely.Cli;

/// <summary>The name server of a configuration.</summary>
/// <param name="Listen">Where it answers, as they were written.</param>
/// <param name="Zones">The zones and their files.</param>
/// <param name="Server">How it behaves.</param>
internal sealed record DnsOptions(IReadOnlyList<string> Listen, IReadOnlyList<DnsZoneOptions> Zones, DnsServerOptions Server)
{
    /// <summary>The top-level domains whose names all lead to <see cref="LocalAddresses"/>.</summary>
    public IReadOnlyList<DomainName> LocalNames { get; init; } = [];

    public IReadOnlyList<IPAddress> LocalAddresses { get; init; } = [];

    /// <summary>Where questions are written down; null for nowhere.</summary>
    public DnsQueryLogOptions? QueryLog { get; init; }

    /// <summary>Where it answers inside of TLS; null for nowhere.</summary>
    public DnsEncryptedOptions? Dot { get; init; }

    /// <summary>Where it answers over HTTP; null for nowhere.</summary>
    public DnsEncryptedOptions? Doh { get; init; }

    /// <summary>Names that are not answered; null for none.</summary>
    public NameListOptions? Lists { get; init; }

    /// <summary>What the clients of certain networks see.</summary>
    public IReadOnlyList<DnsViewOptions> Views { get; init; } = [];
}

/// <summary>A zone and its file.</summary>
/// <param name="Name">The zone's name.</param>
/// <param name="File">The full path of its file; null for a copy of another server's zone.</param>
internal sealed record DnsZoneOptions(DomainName Name, string? File)
{
    /// <summary>What may change it, whom it comes from, and who is told.</summary>
    public KeptZone Kept { get; init; } = new(Name);
}

/// <summary>Addresses for encrypted questions.</summary>
/// <param name="Listen">Where it answers, as they were written.</param>
/// <param name="Tls">The certificates; null for none, behind a proxy that has them.</param>
/// <param name="Path">Where questions over HTTP go.</param>
internal sealed record DnsEncryptedOptions(IReadOnlyList<string> Listen, ListenerTlsOptions? Tls, string Path);

/// <summary>A view.</summary>
/// <param name="Networks">Its clients.</param>
/// <param name="Zones">Its own zones.</param>
/// <param name="Forwarding">Its own upstreams; null for those of all.</param>
internal sealed record DnsViewOptions(IReadOnlyList<IPNetwork> Networks, IReadOnlyList<DnsZoneOptions> Zones, ForwardingOptions? Forwarding)
{
    /// <summary>The top-level domains whose names lead to <see cref="LocalAddresses"/> for these clients.</summary>
    public IReadOnlyList<DomainName> LocalNames { get; init; } = [];

    public IReadOnlyList<IPAddress> LocalAddresses { get; init; } = [];
}
