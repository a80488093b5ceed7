using Securely.Config;

namespace Securely.Cli;

/// <summary>Addresses such as <c>unix:/run/app.sock</c>.</summary>
internal static class UnixAddress
{
    public const string Prefix = "unix:";

    /// <summary>Makes the path of a Unix socket absolute, because relative paths are relative to the file; other addresses stay as they are.</summary>
    public static string Resolve(string address, ConfigOrigin origin)
    {
        if (!address.StartsWith(Prefix, StringComparison.Ordinal) || address.Length == Prefix.Length || address.Contains('\0', StringComparison.Ordinal))
            return address;
        var directory = Path.GetDirectoryName(origin.File) ?? "";
        return Prefix + Path.GetFullPath(Path.Combine(directory, address[Prefix.Length..]));
    }
}
