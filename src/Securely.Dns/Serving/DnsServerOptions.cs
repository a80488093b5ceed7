namespace Securely.Dns;

/// <summary>How a name server behaves. Immutable, for any thread.</summary>
public sealed record DnsServerOptions
{
    /// <summary>The name in logs and of the threads. Default: <c>dns</c>.</summary>
    public string Name { get; init; } = "dns";

    /// <summary>How many threads answer datagrams, and how many workers serve streams; null for the configuration's <c>threads</c>.</summary>
    public int? Threads { get; init; }

    /// <summary>The largest datagram that is sent, in bytes, whatever a client allows. Default: 1,232; 512 to 4,096.</summary>
    public int MaximumUdpPayload { get; init; } = 1232;

    /// <summary>What NSID and <c>id.server</c> say (RFC 5001, RFC 4892); null for nothing.</summary>
    public string? ServerId { get; init; }

    /// <summary>What <c>version.bind</c> and <c>version.server</c> say; null for nothing.</summary>
    public string? Version { get; init; }

    /// <summary>Who may ask; empty for everybody.</summary>
    public IReadOnlyList<System.Net.IPNetwork> AllowedNetworks { get; init; } = [];

    /// <summary>The secret of cookies, 16 bytes, for servers that share an address; null for one of this process alone (RFC 9018, 5).</summary>
    public ReadOnlyMemory<byte>? CookieSecret { get; init; }

    /// <summary>Whether a client of datagrams that shows a cookie, but not one of ours, has to ask again with it (BADCOOKIE). Default: false.</summary>
    public bool RequiresCookies { get; init; }

    /// <summary>
    /// How many equal answers a second a network of clients gets over datagrams; 0 for no limit. Default: 0. Each thread counts by itself: a client
    /// meets one of them, a network whose clients are spread over them may get as many from each.
    /// </summary>
    public int ResponsesPerSecond { get; init; }

    /// <summary>Each so many-th answer over the limit is sent empty and truncated, so that a real client asks over a stream; 0 for none. Default: 2.</summary>
    public int Slip { get; init; } = 2;

    /// <summary>How long a stream may be idle, or take for one question. Default: 10 s.</summary>
    public TimeSpan StreamIdle { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The most streams at a time; over it the idle ones end. Default: 1,000.</summary>
    public int MaximumStreams { get; init; } = 1000;

    /// <summary>Where questions are written down; null for nowhere. Whoever made it disposes it after the server has ended.</summary>
    public DnsQueryLog? QueryLog { get; init; }

    /// <summary>How names of others are answered; null for not at all. Default: null.</summary>
    public ForwardingOptions? Forwarding { get; init; }

    /// <summary>What the clients of certain networks see in place of what all others see; the first that fits counts.</summary>
    public IReadOnlyList<DnsView> Views { get; init; } = [];

    /// <summary>The keys that messages may be signed with (RFC 8945).</summary>
    public IReadOnlyList<TsigKey> Keys { get; init; } = [];

    /// <summary>Who may have whole zones: networks, keys or both; empty for nobody.</summary>
    public IReadOnlyList<TransferRule> Transfers { get; init; } = [];

    /// <summary>Takes updates and notifications, and knows who may have which zone; null for zones that nothing but their files change.</summary>
    public ZoneKeeper? Keeper { get; init; }
}

/// <summary>Somebody who may have a whole zone; what is null does not matter.</summary>
/// <param name="Network">Where it asks from.</param>
/// <param name="Key">The name of the key it signs with.</param>
public sealed record TransferRule(System.Net.IPNetwork? Network, DomainName? Key);
