using System.Globalization;
using Securely.Config;
using Securely.Proxy;

namespace Securely.Cli;

/// <summary>
/// Reads <c>sites</c>: which host names are served, and the routes of each. Only the structure is read here; what the values mean is
/// checked by <see cref="RouteTable.Check"/>. What cannot be read leaves a placeholder, so that positions stay those of the file.
/// </summary>
internal static class SitesSection
{
    public const string Name = "sites";

    public static IReadOnlyList<SiteOptions> Read(SectionReader root) => [.. root.Maps(Name).Select(ReadSite)];

    private static SiteOptions ReadSite(SectionReader section, int index)
    {
        if (section.IsUnreadable)
            return new SiteOptions { Hosts = [Unreadable(index)], Routes = [new RouteOptions { Respond = new RespondOptions() }] };
        return new SiteOptions
        {
            Hosts = TextList.Read(section, "hosts", position => Unreadable(index) + position.ToString(CultureInfo.InvariantCulture)),
            Routes = [.. section.Maps("routes").Select(RouteSection.Read)],
        };
    }

    /// <summary>A name that no other entry has, since a name used twice is an error.</summary>
    private static string Unreadable(int index) => string.Create(CultureInfo.InvariantCulture, $"site-{index}.unreadable.invalid");
}
