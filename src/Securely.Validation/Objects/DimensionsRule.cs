using System.Globalization;

namespace Securely.Validation;

/// <summary>An image by its size in pixels; a ratio is that of width to height. Each call returns a new rule.</summary>
public sealed class DimensionsRule : RuleEntry
{
    private readonly string[] _bounds;

    internal DimensionsRule(params string[] bounds) => _bounds = bounds;

    /// <summary>Exactly so wide.</summary>
    public DimensionsRule Width(int pixels) => With("width", pixels);

    /// <summary>Exactly so high.</summary>
    public DimensionsRule Height(int pixels) => With("height", pixels);

    /// <summary>At least so wide.</summary>
    public DimensionsRule MinWidth(int pixels) => With("min_width", pixels);

    /// <summary>At least so high.</summary>
    public DimensionsRule MinHeight(int pixels) => With("min_height", pixels);

    /// <summary>At most so wide.</summary>
    public DimensionsRule MaxWidth(int pixels) => With("max_width", pixels);

    /// <summary>At most so high.</summary>
    public DimensionsRule MaxHeight(int pixels) => With("max_height", pixels);

    /// <summary>Of this ratio, within a pixel.</summary>
    public DimensionsRule Ratio(double ratio) => With("ratio", ratio);

    /// <summary>Of at least this ratio.</summary>
    public DimensionsRule MinRatio(double ratio) => With("min_ratio", ratio);

    /// <summary>Of at most this ratio.</summary>
    public DimensionsRule MaxRatio(double ratio) => With("max_ratio", ratio);

    /// <summary>Of a ratio within bounds, both included.</summary>
    public DimensionsRule RatioBetween(double minimum, double maximum) => MinRatio(minimum).MaxRatio(maximum);

    internal override void AddTo(List<RulePart> parts, RuleRegistry registry) => new TextEntry(["dimensions:" + string.Join(',', _bounds)]).AddTo(parts, registry);

    private DimensionsRule With(string name, double value) => double.IsFinite(value) && value >= 0
        ? new([.. _bounds, string.Create(CultureInfo.InvariantCulture, $"{name}={value:0.################}")])
        : throw new RuleException($"Rule [dimensions]: [{name}] cannot be [{value.ToString(CultureInfo.InvariantCulture)}]; it is a number from 0 on");
}
