using System.Net;
using Securely.Config;
using Securely.Net;

namespace Securely.Cli;

/// <summary>Reads <c>listeners</c>: where the server accepts connections, and how much time and size it grants them.</summary>
internal static class ListenersSection
{
    public const string Name = "listeners";

    // Waiting for nothing serves nobody; the shortest time that a timer can tell apart is a few milliseconds.
    private static readonly TimeSpan ShortestTimeout = TimeSpan.FromMilliseconds(10);

    /// <summary>All listeners; one on the default address when the file does not have the section.</summary>
    public static IReadOnlyList<ListenerOptions> Read(SectionReader root)
    {
        if (!root.Has(Name))
            return [new ListenerOptions(ListenerOptions.DefaultAddress)];
        var errors = root.Diagnostics.Items.Count;
        var sections = root.Maps(Name);
        if (sections.Count == 0 && root.Diagnostics.Items.Count == errors)
            root.Error(Name, $"[{Name}] is empty; add an address, or leave the key out to listen on {ListenerOptions.DefaultAddress}");
        var places = new Dictionary<string, ConfigOrigin>(StringComparer.Ordinal);
        return [.. sections.Select(section => ReadListener(section, places))];
    }

    private static ListenerOptions ReadListener(SectionReader section, Dictionary<string, ConfigOrigin> places)
    {
        section.Announce("tls");
        var listener = new ListenerOptions(ReadAddress(section, places));
        if (section.Boolean("http2", false))
            section.Error("http2", "[http2] is not available yet; write [false] or leave it out");
        if (section.Map("timeouts") is { } timeouts)
        {
            timeouts.Announce("handshake");
            listener = listener with
            {
                HeaderTimeout = timeouts.Duration("header", listener.HeaderTimeout, ShortestTimeout),
                BodyTimeout = timeouts.Duration("body", listener.BodyTimeout, ShortestTimeout),
                WriteTimeout = timeouts.Duration("write", listener.WriteTimeout, ShortestTimeout),
                IdleTimeout = timeouts.Duration("idle", listener.IdleTimeout, ShortestTimeout),
            };
        }

        if (section.Map("limits") is { } limits)
        {
            listener = listener with
            {
                HeaderBytes = (int)limits.Size("header_bytes", listener.HeaderBytes, 1024, 16 * 1024 * 1024),
                Headers = limits.Integer("headers", listener.Headers, 1, 10_000),
                RequestLine = (int)limits.Size("request_line", listener.RequestLine, 64, 16 * 1024 * 1024),
                Body = limits.Size("body", listener.Body),
            };
            if (listener.RequestLine > listener.HeaderBytes)
                limits.Error("request_line", $"[request_line] must not be larger than [header_bytes], {SizeText.Format(listener.HeaderBytes)}");
        }

        return listener;
    }

    private static string ReadAddress(SectionReader section, Dictionary<string, ConfigOrigin> places)
    {
        if (!section.Require("address") || section.TextOrNull("address") is not { } address)
            return ListenerOptions.DefaultAddress;
        var origin = section.OriginOf("address");
        address = UnixAddress.Resolve(address, origin);
        if (!ListenAddress.TryParse(address, out var endPoint, out var error))
            section.Error("address", error!.TrimEnd('.'));
        else if (endPoint is not IPEndPoint { Port: 0 } && !places.TryAdd(endPoint!.ToString()!, origin))
            section.Error("address", $"Address [{address}] stands twice; the first is at {places[endPoint.ToString()!]}");
        return address;
    }
}
