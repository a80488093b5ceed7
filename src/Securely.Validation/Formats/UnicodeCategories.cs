using System.Globalization;

namespace Securely.Validation;

/// <summary>The code points of each general category, from the runtime's tables.</summary>
internal static class UnicodeCategories
{
    // In the order of UnicodeCategory.
    private static readonly string[] Names =
        ["Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Cn"];

    private static readonly Lazy<CodePointSet[]> All = new(Read);

    /// <summary>Whether a name is that of a category (<c>Lu</c>) or of a group of them (<c>L</c>).</summary>
    public static bool Has(string name) => name.Length is 1 or 2 && Names.Any(known => known.StartsWith(name, StringComparison.Ordinal));

    /// <summary>What is in any of some categories or groups.</summary>
    public static CodePointSet Of(params string[] names) => CodePointSet.Of(Names
        .Index()
        .Where(known => names.Any(name => known.Item.StartsWith(name, StringComparison.Ordinal)))
        .SelectMany(known => All.Value[known.Index].Ranges));

    private static CodePointSet[] Read()
    {
        var ranges = Array.ConvertAll(Names, _ => new List<(int First, int Last)>());
        for (var code = 0; code <= CodePointSet.Last;)
        {
            var category = CharUnicodeInfo.GetUnicodeCategory(code);
            var first = code++;
            while (code <= CodePointSet.Last && CharUnicodeInfo.GetUnicodeCategory(code) == category)
                code++;
            ranges[(int)category].Add((first, code - 1));
        }

        return Array.ConvertAll(ranges, list => CodePointSet.Of(list));
    }
}
