using Securely.Config;
using Securely.Proxy;

namespace Securely.Cli;

/// <summary>Reads <c>forwarded</c>: what happens to X-Forwarded-For, -Proto, -Host and Forwarded.</summary>
internal static class ForwardedSection
{
    public const string Name = "forwarded";

    private static readonly Dictionary<string, ForwardedMode> Modes = new(StringComparer.Ordinal)
    {
        ["append"] = ForwardedMode.Append,
        ["set"] = ForwardedMode.Set,
        ["off"] = ForwardedMode.Off,
    };

    public static ForwardedMode Read(SectionReader root) => root.OneOf(Name, ForwardedMode.Append, Modes);
}
