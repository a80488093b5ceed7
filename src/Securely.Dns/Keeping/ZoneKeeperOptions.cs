using System.Net;

namespace Securely.Dns;

/// <summary>Which zones are kept, and where what is known of them is saved. Immutable, for any thread.</summary>
public sealed record ZoneKeeperOptions
{
    /// <summary>The service's name. Default: <c>zonekeeper</c>.</summary>
    public string Name { get; init; } = "zonekeeper";

    /// <summary>The directory of the journals, made when it is needed; null for none: then changes and copies are lost when the process ends.</summary>
    public string? Directory { get; init; }

    /// <summary>The zones.</summary>
    public IReadOnlyList<KeptZone> Zones { get; init; } = [];

    /// <summary>The keys that peers are asked and told with (RFC 8945).</summary>
    public IReadOnlyList<TsigKey> Keys { get; init; } = [];

    /// <summary>How long a connection to a primary may take to be made. Default: 10 s.</summary>
    public TimeSpan ConnectPatience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a primary may take for the next message of a transfer. Default: 30 s.</summary>
    public TimeSpan MessagePatience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a whole transfer may take. Default: 1 h.</summary>
    public TimeSpan TransferPatience { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The most bytes of one transfer. Default: 512 MiB.</summary>
    public long MaximumTransferSize { get; init; } = 512L * 1024 * 1024;

    /// <summary>How many transfers run at a time; further ones wait. Default: 10.</summary>
    public int MaximumTransfers { get; init; } = 10;

    /// <summary>How long a secondary may take to acknowledge that it was told of a change; it doubles with each try. Default: 2 s.</summary>
    public TimeSpan NotifyPatience { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often a secondary is told (RFC 1996, 3.6). Default: 5.</summary>
    public int NotifyTries { get; init; } = 5;
}

/// <summary>A zone that is kept: what may change it, whom it comes from, and who is told. Immutable.</summary>
/// <param name="Name">The zone's name.</param>
public sealed record KeptZone(DomainName Name)
{
    /// <summary>Who may change it over the network; empty for nobody.</summary>
    public IReadOnlyList<UpdateRule> Updates { get; init; } = [];

    /// <summary>Whom it is copied from; empty for a zone of our own.</summary>
    public IReadOnlyList<ZonePeer> Primaries { get; init; } = [];

    /// <summary>Who is told when it has changed (RFC 1996).</summary>
    public IReadOnlyList<ZonePeer> Notify { get; init; } = [];

    /// <summary>Who may have it as a whole, besides those who may have all zones.</summary>
    public IReadOnlyList<TransferRule> Transfers { get; init; } = [];

    /// <summary>Whether it names other zones that are copied from the same primaries (RFC 9432). Default: false.</summary>
    public bool IsCatalog { get; init; }
}

/// <summary>Another name server.</summary>
/// <param name="EndPoint">Its address.</param>
/// <param name="Key">The name of the key that messages with it are signed with; null for none.</param>
public sealed record ZonePeer(IPEndPoint EndPoint, DomainName? Key = null)
{
    /// <summary>The peer as logs name it.</summary>
    /// <returns>Its address.</returns>
    public override string ToString() => EndPoint.ToString();
}
