using Securely.Http;

namespace Securely.Proxy;

/// <summary>What one field of an access log's line shows.</summary>
internal enum AccessLogKind : byte
{
    Time,
    Client,
    Peer,
    Method,
    Host,
    Path,
    Query,
    Protocol,
    Status,
    Bytes,
    RequestBytes,
    Duration,
    Site,
    Route,
    Upstream,
    UpstreamAddress,
    UpstreamStatus,
    UpstreamTime,
    Tries,
    Reused,
    Referer,
    UserAgent,
    Error,
    TraceId,
    SpanId,
    Header,
    ResponseHeader,
}

/// <summary>One field of an access log's line.</summary>
/// <param name="Kind">What it shows.</param>
/// <param name="Name">What a configuration calls it; also its key in JSON.</param>
/// <param name="Header">The field of the message that it shows, for those that show one.</param>
/// <param name="IsRedacted">Whether only its being there is shown.</param>
internal sealed record AccessLogField(AccessLogKind Kind, string Name, HeaderName Header = default, bool IsRedacted = false)
{
    private const string RequestPrefix = "header:";
    private const string ResponsePrefix = "response_header:";

    internal static IReadOnlyDictionary<string, AccessLogKind> Named { get; } = new Dictionary<string, AccessLogKind>(StringComparer.Ordinal)
    {
        ["time"] = AccessLogKind.Time,
        ["client"] = AccessLogKind.Client,
        ["peer"] = AccessLogKind.Peer,
        ["method"] = AccessLogKind.Method,
        ["host"] = AccessLogKind.Host,
        ["path"] = AccessLogKind.Path,
        ["query"] = AccessLogKind.Query,
        ["protocol"] = AccessLogKind.Protocol,
        ["status"] = AccessLogKind.Status,
        ["bytes"] = AccessLogKind.Bytes,
        ["request_bytes"] = AccessLogKind.RequestBytes,
        ["duration"] = AccessLogKind.Duration,
        ["site"] = AccessLogKind.Site,
        ["route"] = AccessLogKind.Route,
        ["upstream"] = AccessLogKind.Upstream,
        ["upstream_address"] = AccessLogKind.UpstreamAddress,
        ["upstream_status"] = AccessLogKind.UpstreamStatus,
        ["upstream_time"] = AccessLogKind.UpstreamTime,
        ["tries"] = AccessLogKind.Tries,
        ["reused"] = AccessLogKind.Reused,
        ["referer"] = AccessLogKind.Referer,
        ["user_agent"] = AccessLogKind.UserAgent,
        ["error"] = AccessLogKind.Error,
        ["trace_id"] = AccessLogKind.TraceId,
        ["span_id"] = AccessLogKind.SpanId,
    };

    /// <summary>Whether bytes of the request are kept for it; the others are made of the numbers that every record has.</summary>
    internal bool IsText { get; } = Kind is AccessLogKind.Method or AccessLogKind.Host or AccessLogKind.Path or AccessLogKind.Query or AccessLogKind.Site or AccessLogKind.Route
        or AccessLogKind.Upstream or AccessLogKind.UpstreamAddress or AccessLogKind.Referer or AccessLogKind.UserAgent or AccessLogKind.TraceId or AccessLogKind.SpanId or AccessLogKind.Header or AccessLogKind.ResponseHeader;

    /// <summary>Reads the name of a field; null when there is none of it.</summary>
    internal static AccessLogField? Parse(string name, IEnumerable<string> redactedHeaders)
    {
        if (Named.TryGetValue(name, out var kind))
            return Of(kind, name, kind switch { AccessLogKind.Referer => HeaderName.Referer, AccessLogKind.UserAgent => HeaderName.UserAgent, _ => default }, redactedHeaders);
        if (name.StartsWith(RequestPrefix, StringComparison.Ordinal) && HeaderName.TryParse(name.AsSpan(RequestPrefix.Length), out var header))
            return Of(AccessLogKind.Header, name, header, redactedHeaders);
        if (name.StartsWith(ResponsePrefix, StringComparison.Ordinal) && HeaderName.TryParse(name.AsSpan(ResponsePrefix.Length), out header))
            return Of(AccessLogKind.ResponseHeader, name, header, redactedHeaders);
        return null;
    }

    private static AccessLogField Of(AccessLogKind kind, string name, HeaderName header, IEnumerable<string> redacted) =>
        new(kind, name, header, !header.Bytes.IsEmpty && redacted.Any(other => HeaderName.TryParse(other, out var hidden) && hidden == header));
}
