using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Securely.Dns;

/// <summary>Where lists of names come from, and how much of them is taken. Immutable, for any thread.</summary>
public sealed record NameListOptions
{
    /// <summary>Lists whose names are blocked: full paths of files, or addresses that begin with <c>http://</c> or <c>https://</c>.</summary>
    public IReadOnlyList<string> Blocked { get; init; } = [];

    /// <summary>Lists whose names are excepted.</summary>
    public IReadOnlyList<string> Allowed { get; init; } = [];

    /// <summary>How often lists of the network are fetched. Default: one day.</summary>
    public TimeSpan Refresh { get; init; } = TimeSpan.FromDays(1);

    /// <summary>How often files are looked at, and what could not be fetched is tried again after at least a minute. Default: 5 s.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The most bytes of one list. Default: 64 MiB.</summary>
    public int MaximumBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>The most names of one list. Default: 5,000,000.</summary>
    public int MaximumNames { get; init; } = 5_000_000;

    /// <summary>How long a list may take to come. Default: 60 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Where lists of the network are kept for the next start; null for nowhere.</summary>
    public string? Directory { get; init; }

    /// <summary>The only authorities whose certificates servers of lists may have; null for the system's.</summary>
    public X509Certificate2Collection? Authorities { get; init; }

    /// <summary>Finds the addresses of a server of lists; null asks the system.</summary>
    internal Func<string, CancellationToken, Task<IPAddress[]>> Resolve { get; init; } = System.Net.Dns.GetHostAddressesAsync;
}
