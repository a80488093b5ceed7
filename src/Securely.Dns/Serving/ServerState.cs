using System.Buffers.Binary;
using System.Text;

namespace Securely.Dns;

/// <summary>What all threads of a server share: none of it changes but the catalog's zones and the time. For any thread.</summary>
internal sealed class ServerState
{
    private readonly TimeProvider _time;
    private readonly (DomainName Name, byte[] Text)[] _chaos;
    private readonly TransferAccess _transfers;
    private readonly ServerView _everybody;
    private readonly ServerView[] _views;

    internal ServerState(Catalog catalog, DnsServerOptions options, TimeProvider time)
    {
        Catalog = catalog;
        Options = options;
        _time = time;
        Allowed = new AccessList(options.AllowedNetworks);
        _everybody = new ServerView(new AccessList([]), null, catalog, MakeRecursion(options.Forwarding, time), 0);
        _views = [.. options.Views.Select((view, index) => new ServerView(new AccessList(view.Networks), view.Catalog, catalog, MakeRecursion(view.Forwarding, time) ?? _everybody.Recursion, index + 1))];
        Recursions = [.. _views.Append(_everybody).Select(view => view.Recursion).OfType<Recursion>().Distinct()];
        Cookies = options.CookieSecret is { Length: 16 } secret ? new Cookies(secret.Span) : Cookies.Random();
        ServerId = Bytes(options.ServerId);
        BinaryPrimitives.WriteUInt16BigEndian(KeepAlive, (ushort)Math.Min(options.StreamIdle.TotalMilliseconds / 100, ushort.MaxValue));
        _chaos = [.. Chaos(options)];
        _transfers = new TransferAccess(options.Transfers);
    }

    internal Catalog Catalog { get; }

    internal DnsServerOptions Options { get; }

    internal AccessList Allowed { get; }

    /// <summary>All that answer for names of others.</summary>
    internal IReadOnlyList<Recursion> Recursions { get; }

    internal Cookies Cookies { get; }

    internal byte[] ServerId { get; }

    /// <summary>How long a stream may be idle, in tenths of a second (RFC 7828).</summary>
    internal byte[] KeepAlive { get; } = new byte[2];

    /// <summary>What counts; null for nobody.</summary>
    internal DnsFigures? Figures { get; init; }

    /// <summary>A moment, for <see cref="Elapsed"/>.</summary>
    internal long Timestamp => _time.GetTimestamp();

    /// <summary>Seconds since 1970.</summary>
    internal long Now => _time.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>How long ago a moment is.</summary>
    internal TimeSpan Elapsed(long timestamp) => _time.GetElapsedTime(timestamp);

    /// <summary>What a client sees.</summary>
    internal ServerView ViewOf(ReadOnlySpan<byte> address)
    {
        foreach (var view in _views)
        {
            if (view.Networks.Contains(address))
                return view;
        }

        return _everybody;
    }

    /// <summary>What a name says of the server; null for nothing.</summary>
    internal byte[]? FindChaos(NameKey name)
    {
        foreach (var (known, text) in _chaos)
        {
            if (name.Lower.SequenceEqual(known.Lower))
                return text;
        }

        return null;
    }

    /// <summary>Whether a client may have a zone as a whole.</summary>
    internal bool MayTransfer(Zone zone, ReadOnlySpan<byte> address, TsigKey? key) =>
        _transfers.Allows(address, key) || (Options.Keeper?.Find(zone.Apex) is { } kept && kept.Transfers.Allows(address, key));

    private static Recursion? MakeRecursion(ForwardingOptions? options, TimeProvider time) => options is null ? null : new Recursion(options, time);

    private static IEnumerable<(DomainName Name, byte[] Text)> Chaos(DnsServerOptions options)
    {
        if (options.Version is not null)
        {
            yield return (DomainName.Parse("version.bind"), Bytes(options.Version));
            yield return (DomainName.Parse("version.server"), Bytes(options.Version));
        }

        if (options.ServerId is not null)
        {
            yield return (DomainName.Parse("hostname.bind"), Bytes(options.ServerId));
            yield return (DomainName.Parse("id.server"), Bytes(options.ServerId));
        }
    }

    private static byte[] Bytes(string? text) => Encoding.UTF8.GetBytes(text ?? "") is { Length: <= 255 } bytes ? bytes : throw new ArgumentException($"The text [{text}] is longer than 255 bytes.");
}
