using System.Collections.Frozen;

namespace Securely.Validation;

/// <summary>The time zones of the tz database: by country those in use, and the names that are kept for old data.</summary>
internal static class Timezones
{
    private const string Old = "--";

    private static readonly string[] Areas =
        ["AFRICA", "AMERICA", "ANTARCTICA", "ARCTIC", "ASIA", "ATLANTIC", "AUSTRALIA", "EUROPE", "INDIAN", "PACIFIC"];

    private static readonly Lazy<FrozenDictionary<string, string[]>> ByCountry = new(Read);
    private static readonly Lazy<FrozenSet<string>> InUse = new(() =>
        ByCountry.Value.Where(entry => entry.Key != Old).SelectMany(entry => entry.Value).Append("UTC").ToFrozenSet(StringComparer.Ordinal));

    private static readonly Lazy<FrozenDictionary<string, string>> All = new(() =>
        InUse.Value.Concat(ByCountry.Value[Old]).ToFrozenDictionary(name => name, name => name, StringComparer.OrdinalIgnoreCase));

    public static bool Contains(string name, string? group, string? country)
    {
        switch ((group ?? "all").ToUpperInvariant())
        {
            case "ALL": return InUse.Value.Contains(name);
            case "ALL_WITH_BC": return All.Value.TryGetValue(name, out var known) && known == name;
            case "UTC": return name == "UTC";
            case "PER_COUNTRY": return country is not null && ByCountry.Value.TryGetValue(country.ToUpperInvariant(), out var zones) && zones.Contains(name);
            case var area: return InUse.Value.Contains(name) && name.StartsWith(area + "/", StringComparison.OrdinalIgnoreCase);
        }
    }

    /// <summary>The proper spelling of a zone written in any case; null when there is none.</summary>
    public static string? Find(string name) => All.Value.GetValueOrDefault(name);

    public static void Check(RuleUse use)
    {
        if (use.Parameters.Length == 0 || use.Parameters[0] is not { } group)
            return;
        if (group.ToUpperInvariant() is not ("ALL" or "ALL_WITH_BC" or "UTC" or "PER_COUNTRY") && !Areas.Contains(group.ToUpperInvariant()))
            throw new RuleException($"Rule [timezone] does not know the group [{group}]; use all, all_with_bc, per_country,XX, UTC or a continent");
        if (string.Equals(group, "per_country", StringComparison.OrdinalIgnoreCase) && (use.Parameters.Length < 2 || use.Parameters[1] is null))
            throw new RuleException("Rule [timezone:per_country] needs a country; write [timezone:per_country,XX]");
    }

    private static FrozenDictionary<string, string[]> Read()
    {
        using var reader = new StreamReader(typeof(Timezones).Assembly.GetManifestResourceStream("timezones.txt")!);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' '))
            .ToFrozenDictionary(words => words[0], words => words[1..], StringComparer.Ordinal);
    }
}
