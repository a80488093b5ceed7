using System.Globalization;

namespace Securely.Validation;

/// <summary>A file by type and size. Each call returns a new rule. Sizes are texts with a unit (<c>12mb</c>, decimal) or numbers of KiB.</summary>
public sealed class FileRule : RuleEntry
{
    private readonly string[] _rules;

    internal FileRule(params string[] rules) => _rules = rules.Length == 0 ? ["file"] : rules;

    /// <summary>An image.</summary>
    public FileRule Image(bool allowSvg = false) => With(allowSvg ? "image:allow_svg" : "image");

    /// <summary>Of one of these types: media types (with a slash) or the extensions that stand for them.</summary>
    public FileRule Types(params IReadOnlyList<string> types)
    {
        var media = types.Where(type => type.Contains('/', StringComparison.Ordinal)).ToArray();
        var extensions = types.Except(media, StringComparer.Ordinal).ToArray();
        var rule = media.Length > 0 ? With("mimetypes:" + string.Join(',', media)) : this;
        return extensions.Length > 0 ? rule.With("mimes:" + string.Join(',', extensions)) : rule;
    }

    /// <summary>With one of these extensions in the client's name.</summary>
    public FileRule Extensions(params IEnumerable<string> extensions) =>
        With("extensions:" + string.Join(',', extensions.Select(extension => extension.ToLowerInvariant())));

    /// <summary>Exactly so large.</summary>
    public FileRule Size(string size) => With("size:" + Kibibytes(size));

    /// <summary>At least so large.</summary>
    public FileRule Min(string size) => With("min:" + Kibibytes(size));

    /// <summary>At most so large.</summary>
    public FileRule Max(string size) => With("max:" + Kibibytes(size));

    /// <summary>Within bounds, both included.</summary>
    public FileRule Between(string minimum, string maximum) => With("between:" + Kibibytes(minimum) + "," + Kibibytes(maximum));

    /// <summary>Text in an encoding.</summary>
    public FileRule Encoding(string encoding) => With("encoding:" + encoding);

    /// <summary>An image with a size in pixels: <c>min_width=100</c>, <c>ratio=3/2</c>.</summary>
    public FileRule Dimensions(params IEnumerable<string> bounds) => With("dimensions:" + string.Join(',', bounds));

    internal override void AddTo(List<RulePart> parts, RuleRegistry registry) => new TextEntry(_rules).AddTo(parts, registry);

    private static string Kibibytes(string size)
    {
        var text = size.Trim().ToLowerInvariant();
        var unit = text.TrimStart("0123456789.".ToCharArray()).Trim();
        var factor = unit switch
        {
            "" or "kb" => 1,
            "mb" => 1_000,
            "gb" => 1_000_000,
            "tb" => 1_000_000_000,
            _ => throw new RuleException($"Size [{size}] has an unknown unit; write kb, mb, gb or tb"),
        };
        return double.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? Math.Round(number * factor, MidpointRounding.AwayFromZero).ToString(CultureInfo.InvariantCulture)
            : throw new RuleException($"Size [{size}] is no number with a unit; write for instance 12mb");
    }

    private FileRule With(string rule) => new([.. _rules, rule]);
}
