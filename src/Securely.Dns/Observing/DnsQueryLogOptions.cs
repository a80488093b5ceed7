using Securely.Net;

namespace Securely.Dns;

/// <summary>Where a <see cref="DnsQueryLog"/> is written, and how much of it.</summary>
public sealed record DnsQueryLogOptions
{
    /// <summary>A file, which is made with mode 0640 and appended to, or <see cref="RecordLogOptions.StandardOutput"/>.</summary>
    public required string Path { get; init; }

    /// <summary>The share of questions that get a line, chosen at random. Default: 1, all of them. Range: above 0, to 1.</summary>
    public double Sample { get; init; } = 1;

    /// <summary>
    /// How many bytes of questions may wait, for each thread, until they are written; what does not fit is counted and lost. Default: 1 MiB.
    /// Range: 64 KiB to 1 GiB, rounded up to a power of two.
    /// </summary>
    public int QueueBytes { get; init; } = 1024 * 1024;
}
