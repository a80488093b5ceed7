using Securely.Config;

namespace Securely.Cli;

/// <summary>Where a monitor asks for figures, health and readiness.</summary>
/// <param name="Address"><c>IP:PORT</c>, <c>[IPv6]:PORT</c>, <c>*:PORT</c>, <c>localhost:PORT</c> or <c>unix:/path</c>; port 0 takes a free one.</param>
internal sealed record MetricsOptions(string Address);

/// <summary>Reads <c>metrics</c>: the listener of the figures, which is not one of the sites'.</summary>
internal static class MetricsSection
{
    public const string Name = "metrics";

    /// <summary>Null when the file does not have the section.</summary>
    public static MetricsOptions? Read(SectionReader root)
    {
        if (root.Map(Name) is not { } section)
            return null;
        return section.Require("address") && ListenersSection.TryReadAddress(section, out _) is { } address ? new MetricsOptions(address) : null;
    }
}
