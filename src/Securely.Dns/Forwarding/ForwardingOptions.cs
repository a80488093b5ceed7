using System.Net;

namespace Securely.Dns;

/// <summary>How questions for names of others are answered. Immutable, for any thread.</summary>
public sealed record ForwardingOptions
{
    /// <summary>Who is asked, best first where the policy is <see cref="ForwardPolicy.Ordered"/>; at least one, or a route.</summary>
    public IReadOnlyList<DnsUpstream> Upstreams { get; init; } = [];

    /// <summary>Who is asked for the names of certain domains; the longest domain counts.</summary>
    public IReadOnlyList<ForwardRoute> Routes { get; init; } = [];

    /// <summary>In which order the upstreams are asked. Default: the fastest first.</summary>
    public ForwardPolicy Policy { get; init; } = ForwardPolicy.Fastest;

    /// <summary>How long a client waits for its answer at most; what comes within the same time again still fills the cache. Default: 2 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Who may ask for names of others; the default is this machine and the private networks, so that the server is no open resolver.</summary>
    public IReadOnlyList<IPNetwork> AllowedNetworks { get; init; } = LocalNetworks;

    /// <summary>The most questions that are on their way to upstreams for a worker; more are dropped. Default: 4,096.</summary>
    public int MaximumOutstanding { get; init; } = 4096;

    /// <summary>The most questions of one client that wait for answers on a worker; more are dropped. Default: 256.</summary>
    public int MaximumPerClient { get; init; } = 256;

    /// <summary>The most clients that wait for one equal question; more are dropped. Default: 128.</summary>
    public int MaximumWaiting { get; init; } = 128;

    /// <summary>How answers are kept.</summary>
    public DnsCacheOptions Cache { get; init; } = new();

    /// <summary>
    /// Whether addresses of private networks are taken out of answers, so that a page of the internet cannot reach into the local network by its
    /// own name. Answers by way of <see cref="Routes"/> are left alone. Default: false.
    /// </summary>
    public bool RebindProtection { get; init; }

    /// <summary>The domains whose names may lead to private addresses all the same.</summary>
    public IReadOnlyList<DomainName> RebindExceptions { get; init; } = [];

    /// <summary>Names that are not answered; null for none.</summary>
    public NamePolicy? Names { get; init; }

    /// <summary>This machine, private networks and those of a link (RFC 1918, RFC 4193, RFC 6598, RFC 3927).</summary>
    public static IReadOnlyList<IPNetwork> LocalNetworks { get; } =
    [
        IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.168.0.0/16"),
        IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("100.64.0.0/10"), IPNetwork.Parse("::1/128"), IPNetwork.Parse("fc00::/7"), IPNetwork.Parse("fe80::/10"),
    ];
}

/// <summary>Upstreams for the names of one domain.</summary>
/// <param name="Domain">The domain.</param>
/// <param name="Upstreams">Who knows it; at least one.</param>
public sealed record ForwardRoute(DomainName Domain, IReadOnlyList<DnsUpstream> Upstreams);

/// <summary>In which order upstreams are asked. One that does not answer soon is joined by the next, and the first good answer counts.</summary>
public enum ForwardPolicy
{
    /// <summary>The one that has answered fastest of late comes first.</summary>
    Fastest,

    /// <summary>As they are written, as long as they answer.</summary>
    Ordered,

    /// <summary>The two fastest at once.</summary>
    Parallel,
}

/// <summary>How answers of upstreams are kept. Immutable, for any thread.</summary>
public sealed record DnsCacheOptions
{
    /// <summary>The most bytes; 0 for no cache. Default: 32 MiB.</summary>
    public long Size { get; init; } = 32 * 1024 * 1024;

    /// <summary>The longest time that a record is kept. Default: one day.</summary>
    public TimeSpan MaximumTtl { get; init; } = TimeSpan.FromDays(1);

    /// <summary>The longest time that the lack of a record is kept (RFC 2308, 5). Default: one hour.</summary>
    public TimeSpan MaximumNegativeTtl { get; init; } = TimeSpan.FromHours(1);

    /// <summary>For how long after its end an answer is given while no upstream answers (RFC 8767); zero for never. Default: one day.</summary>
    public TimeSpan MaximumStale { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Whether what is asked for often is fetched anew shortly before it ends. Default: true.</summary>
    public bool Prefetches { get; init; } = true;
}
