using System.Reflection;

namespace Securely.Cli;

/// <summary>The version of this build, as <c>--version</c> prints it.</summary>
internal static class ProductVersion
{
    /// <summary>Without the commit that the compiler appends after a plus sign.</summary>
    public static string Text { get; } = Read();

    private static string Read()
    {
        var full = typeof(ProductVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0";
        var plus = full.IndexOf('+', StringComparison.Ordinal);
        return plus < 0 ? full : full[..plus];
    }
}
