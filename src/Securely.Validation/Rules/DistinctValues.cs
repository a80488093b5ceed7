using System.Globalization;

namespace Securely.Validation;

/// <summary>
/// <c>distinct</c>: no other entry that the same wildcard finds has an equal value. Values are counted once for a validation, so a list of
/// ten thousand entries costs ten thousand steps and not a hundred million.
/// </summary>
internal static class DistinctValues
{
    public static bool IsDistinct(RuleContext context)
    {
        var isStrict = context.Parameters.Contains("strict", StringComparer.Ordinal);
        var ignoresCase = context.Parameters.Contains("ignore_case", StringComparer.Ordinal);
        var pattern = context.State.Pattern ?? context.Path;
        var counts = context.Validator.DistinctCounts.GetOrAdd((pattern, isStrict, ignoresCase), context.Data, Count);
        var value = context.Value;
        var own = context.Data.TryGet(context.Path, out _) && !(value.IsArray && value.Count > 0) ? 1 : 0;
        return counts.Equal(value) <= own;
    }

    private static Counts Count((FieldPath Pattern, bool IsStrict, bool IgnoresCase) of, FieldValue data)
    {
        var counts = new Counts(of.IsStrict, of.IgnoresCase);
        foreach (var (_, value) in Leaves.Matching(data, of.Pattern, acrossDots: false))
            counts.Add(value);
        return counts;
    }

    /// <summary>
    /// How often values come. Equal values have equal keys, apart from booleans and nothing, which are loosely equal to many. What ignores case compares
    /// a text with the texts of all values, and every other value as if case mattered.
    /// </summary>
    internal sealed class Counts(bool isStrict, bool ignoresCase)
    {
        private readonly Dictionary<string, int> _values = new(StringComparer.Ordinal);
        private readonly Dictionary<string, int> _texts = new(StringComparer.OrdinalIgnoreCase);

        private int _total;
        private int _true;
        private int _nullLike;

        public void Add(FieldValue value)
        {
            Increase(_values, KeyOf(value));
            if (ignoresCase)
                Increase(_texts, PhpText.Of(value));
            _total++;
            _true += PhpEquality.Truth(value) ? 1 : 0;
            _nullLike += PhpEquality.Loose(default, value) ? 1 : 0;
        }

        public int Equal(FieldValue value)
        {
            // The end of a pattern, which ignores case there, also lies before a last line break.
            if (ignoresCase && value.AsText is { } text)
                return _texts.GetValueOrDefault(text) + _texts.GetValueOrDefault(text + "\n");
            if (isStrict)
                return CountOf(value);
            if (value.Kind == FieldKind.Boolean)
                return value.AsBoolean!.Value ? _true : _total - _true;
            if (value.IsNull)
                return _nullLike;
            var count = CountOf(value) + CountOf(PhpEquality.Truth(value));
            return PhpEquality.Loose(default, value) ? count + CountOf(default) : count;
        }

        private static void Increase(Dictionary<string, int> counts, string key) => counts[key] = counts.GetValueOrDefault(key) + 1;

        /// <summary>Only leaves are counted, and a list with entries is none.</summary>
        private int CountOf(FieldValue value) => value.IsArray && value.Count > 0 ? 0 : _values.GetValueOrDefault(KeyOf(value));

        private string KeyOf(FieldValue value)
        {
            if (value.IsArray)
                return "[]";
            if (!isStrict && value.Kind is (FieldKind.Text or FieldKind.Integer or FieldKind.Float))
                return Number(value) ?? "t" + PhpText.Of(value);
            return (int)value.Kind + ":" + (value.AsFloat is { } number && value.Kind == FieldKind.Float ? Exact(number) : PhpText.Of(value));
        }

        private static string? Number(FieldValue value)
        {
            if (value.AsText is { } text && !PhpNumber.TryRead(text, out value))
                return null;
            return "n" + (value.AsInteger is { } whole ? whole.ToString(CultureInfo.InvariantCulture) : Exact(value.AsFloat!.Value));
        }

        private static string Exact(double number) => number == Math.Truncate(number) && Math.Abs(number) < 1e15
            ? ((long)number).ToString(CultureInfo.InvariantCulture)
            : number.ToString("R", CultureInfo.InvariantCulture);
    }
}
