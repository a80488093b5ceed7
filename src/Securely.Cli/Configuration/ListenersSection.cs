using System.Net;
using Securely.Config;
using Securely.Http;
using Securely.Net;

namespace Securely.Cli;

/// <summary>Reads <c>listeners</c>: where the server accepts connections, and how much time and size it grants them.</summary>
internal static class ListenersSection
{
    public const string Name = "listeners";

    // What HttpLimits accepts.
    private const int LargestLimit = 256 * 1024 * 1024;

    // Waiting for nothing serves nobody; the shortest time that a timer can tell apart is a few milliseconds.
    private static readonly TimeSpan ShortestTimeout = TimeSpan.FromMilliseconds(10);

    /// <summary>All listeners; one on the default address when the file does not have the section.</summary>
    /// <param name="root">The file.</param>
    /// <param name="time">Tells which certificates have expired.</param>
    public static IReadOnlyList<ListenerOptions> Read(SectionReader root, TimeProvider time)
    {
        if (!root.Has(Name))
            return [ListenerOptions.Default];
        var errors = root.Diagnostics.Items.Count;
        var sections = root.Maps(Name);
        if (sections.Count == 0 && root.Diagnostics.Items.Count == errors)
            root.Error(Name, $"[{Name}] is empty; add an address, or leave the key out to listen on {ListenerOptions.DefaultAddress}");
        var places = new Dictionary<string, ConfigOrigin>(StringComparer.Ordinal);
        return [.. sections.Select(section => ReadListener(section, places, time))];
    }

    private static ListenerOptions ReadListener(SectionReader section, Dictionary<string, ConfigOrigin> places, TimeProvider time)
    {
        var listener = new ListenerOptions(ReadAddress(section, places)) { Http2 = section.Boolean("http2", true) };
        if (section.Map("timeouts") is { } timeouts)
            listener = listener with { Timeouts = ReadTimeouts(timeouts) };
        if (section.Map("limits") is { } limits)
            listener = listener with { Limits = ReadLimits(limits) };
        var tls = ListenerTlsSection.Read(section, time);
        if (tls is not null && listener.UnixPath is not null)
            section.Error(ListenerTlsSection.Name, $"[{ListenerTlsSection.Name}] is for TCP addresses; leave it out, since a Unix socket does not leave this machine");
        return listener with { Tls = tls };
    }

    private static HttpTimeouts ReadTimeouts(SectionReader section)
    {
        var defaults = HttpTimeouts.Default;
        return new HttpTimeouts
        {
            Handshake = section.Duration("handshake", defaults.Handshake, ShortestTimeout),
            Header = section.Duration("header", defaults.Header, ShortestTimeout),
            Body = section.Duration("body", defaults.Body, ShortestTimeout),
            Write = section.Duration("write", defaults.Write, ShortestTimeout),
            Idle = section.Duration("idle", defaults.Idle, ShortestTimeout),
            MinReceiveRate = section.SizeRate("min_receive_rate", defaults.MinReceiveRate, maximum: Pace.Fastest),
            MinSendRate = section.SizeRate("min_send_rate", defaults.MinSendRate, maximum: Pace.Fastest),
        };
    }

    private static HttpLimits ReadLimits(SectionReader section)
    {
        var defaults = HttpLimits.Default;
        return new HttpLimits
        {
            HeaderBytes = (int)section.Size("header_bytes", defaults.HeaderBytes, 2, LargestLimit),
            Headers = section.Integer("headers", defaults.Headers, 1, LargestLimit),
            RequestLine = (int)section.Size("request_line", defaults.RequestLine, 16, LargestLimit),
            Body = section.Size("body", defaults.Body),
        };
    }

    private static string ReadAddress(SectionReader section, Dictionary<string, ConfigOrigin> places)
    {
        if (!section.Require("address") || TryReadAddress(section, out var endPoint) is not { } address)
            return ListenerOptions.DefaultAddress;
        var origin = section.OriginOf("address");
        if (endPoint is not (null or IPEndPoint { Port: 0 }) && !places.TryAdd(endPoint.ToString()!, origin))
            section.Error("address", $"Address [{address}] stands twice; the first is at {places[endPoint.ToString()!]}");
        return address;
    }

    /// <summary>Reads <c>address</c>, with the path of a Unix socket made absolute; null when it is not there.</summary>
    internal static string? TryReadAddress(SectionReader section, out EndPoint? endPoint)
    {
        endPoint = null;
        if (section.TextOrNull("address") is not { } text)
            return null;
        var address = UnixAddress.Resolve(text, section.OriginOf("address"));
        if (!ListenAddress.TryParse(address, out endPoint, out var error))
            section.Error("address", error!.TrimEnd('.'));
        return address;
    }
}
