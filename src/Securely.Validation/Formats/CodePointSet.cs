using System.Globalization;
using System.Text;

namespace Securely.Validation;

/// <summary>A set of code points: ranges in order that do not touch. Immutable.</summary>
internal sealed class CodePointSet
{
    public const int Last = 0x10FFFF;
    public const int FirstSurrogate = 0xD800;
    public const int LastSurrogate = 0xDFFF;

    private readonly (int First, int Last)[] _ranges;

    private CodePointSet((int First, int Last)[] ranges) => _ranges = ranges;

    public static CodePointSet Empty { get; } = new([]);

    public IReadOnlyList<(int First, int Last)> Ranges => _ranges;

    public bool IsEmpty => _ranges.Length == 0;

    public static CodePointSet Of(params IEnumerable<(int First, int Last)> ranges)
    {
        var result = new List<(int First, int Last)>();
        foreach (var (first, last) in ranges.Order())
        {
            if (result.Count > 0 && first <= result[^1].Last + 1)
                result[^1] = (result[^1].First, Math.Max(last, result[^1].Last));
            else
                result.Add((first, last));
        }

        return new([.. result]);
    }

    /// <summary>Reads <c>41-5A 61-7A AA</c>.</summary>
    public static CodePointSet Parse(IEnumerable<string> ranges) => Of(ranges.Select(range =>
    {
        var dash = range.IndexOf('-', StringComparison.Ordinal);
        var first = int.Parse(dash < 0 ? range : range.AsSpan(0, dash), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return (first, dash < 0 ? first : int.Parse(range.AsSpan(dash + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    }));

    public bool Contains(int code)
    {
        int low = 0, high = _ranges.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (code < _ranges[middle].First)
                high = middle - 1;
            else if (code > _ranges[middle].Last)
                low = middle + 1;
            else
                return true;
        }

        return false;
    }

    public CodePointSet With(CodePointSet other) => other.IsEmpty ? this : IsEmpty ? other : Of(_ranges.Concat(other._ranges));

    /// <summary>Every code point that is not in the set.</summary>
    public CodePointSet Inverse()
    {
        var result = new List<(int, int)>(_ranges.Length + 1);
        var next = 0;
        foreach (var (first, last) in _ranges)
        {
            if (first > next)
                result.Add((next, first - 1));
            next = last + 1;
        }

        if (next <= Last)
            result.Add((next, Last));
        return new([.. result]);
    }

    /// <summary>What of the set lies between two code points, both included.</summary>
    public CodePointSet Between(int first, int last) => new([.. _ranges
        .Where(range => range.First <= last && range.Last >= first)
        .Select(range => (Math.Max(range.First, first), Math.Min(range.Last, last)))]);

    /// <summary>The ranges of the basic plane as they stand in brackets of a regular expression.</summary>
    public string ToBrackets()
    {
        var result = new StringBuilder();
        foreach (var (first, last) in Between(0, char.MaxValue)._ranges)
        {
            result.Append(CultureInfo.InvariantCulture, $"\\u{first:X4}");
            if (last > first)
                result.Append(CultureInfo.InvariantCulture, $"-\\u{last:X4}");
        }

        return result.ToString();
    }
}
