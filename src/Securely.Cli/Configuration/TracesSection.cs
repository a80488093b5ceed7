using System.Globalization;
using Securely.Config;
using Securely.Http;

namespace Securely.Cli;

/// <summary>Where the spans of requests go, and which.</summary>
internal sealed record TracesOptions
{
    /// <summary>The base address of a receiver of OTLP over HTTP.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>The share of requests that begin a trace; one that comes in a trace is recorded when that is. Default: 1. Range: 0 to 1.</summary>
    public double Sample { get; init; } = 1;

    /// <summary>What the receiver calls this program. Default: <c>securely</c>.</summary>
    public string ServiceName { get; init; } = "securely";

    /// <summary>Fields that every request to the receiver has, such as one that lets us in.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>How long the receiver may take for one answer. Default: 10 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How many spans may wait; what does not fit is counted and lost. Default: 4096, some 10 MB. Range: 1 to 1,000,000.</summary>
    public int Queue { get; init; } = 4096;
}

/// <summary>Reads <c>traces</c>: whom the spans of requests are sent to.</summary>
internal static class TracesSection
{
    public const string Name = "traces";

    private const int MostQueued = 1_000_000;
    private static readonly TimeSpan ShortestTimeout = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromMinutes(5);

    // What the exporter and HTTP itself write.
    private static readonly string[] OwnHeaders = ["host", "connection", "transfer-encoding", "content-length", "content-type", "content-encoding", "expect"];

    /// <summary>Null when the file does not have the section, so that no request is traced.</summary>
    public static TracesOptions? Read(SectionReader root)
    {
        if (root.Map(Name) is not { } section)
            return null;
        var defaults = new TracesOptions { Endpoint = new Uri("http://127.0.0.1:4318") };
        return new TracesOptions
        {
            Endpoint = ReadEndpoint(section) ?? defaults.Endpoint,
            Sample = ReadSample(section, defaults.Sample),
            ServiceName = section.Text("service_name", defaults.ServiceName),
            Headers = ReadHeaders(section),
            Timeout = section.Duration("timeout", defaults.Timeout, ShortestTimeout, LongestTimeout),
            Queue = section.Integer("queue", defaults.Queue, 1, MostQueued),
        };
    }

    private static Uri? ReadEndpoint(SectionReader section)
    {
        if (!section.Require("endpoint") || section.TextOrNull("endpoint") is not { } text)
            return null;
        var problem = !Uri.TryCreate(text, UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps)
            ? "is not an http or https address; write [http://127.0.0.1:4318]"
            : uri.UserInfo.Length > 0 ? "holds a name or a password; write them as [headers: {authorization: ...}]"
            : uri.Query.Length > 0 || uri.Fragment.Length > 0 ? "holds a query or a fragment; leave it out"
            : uri.AbsolutePath.TrimEnd('/').EndsWith(OtlpSender.Path, StringComparison.Ordinal) ? $"ends in [{OtlpSender.Path}], which is added by itself; leave that out"
            : null;
        if (problem is null)
            return uri;
        section.Error("endpoint", $"[endpoint]: [{text}] {problem}");
        return null;
    }

    private static double ReadSample(SectionReader section, double fallback)
    {
        if (section.TextOrNull("sample") is not { } text)
            return fallback;
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share) && share is >= 0 and <= 1)
            return share;
        section.Error("sample", $"[sample] must be a share from [0] to [1], as in [0.1], not [{text}]");
        return fallback;
    }

    private static IReadOnlyList<KeyValuePair<string, string>> ReadHeaders(SectionReader section)
    {
        var headers = section.TextMap("headers");
        var map = section.Value("headers");
        foreach (var (name, value) in headers)
        {
            var problem = !HeaderName.TryParse(name, out _) ? $"[{name}] is not the name of a header"
                : OwnHeaders.Contains(name, StringComparer.OrdinalIgnoreCase) ? $"[{name}] is written by the program itself; remove it"
                : value.Any(letter => letter is < ' ' or > '~') ? $"the value of [{name}] holds a character that is not visible ASCII"
                : null;
            if (problem is not null && map!.TryGetEntry(name, out var entry))
                section.Diagnostics.Error(entry.KeyOrigin, $"[headers]: {problem}");
        }

        return headers;
    }
}
