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

    /// <summary>How often values come. Equal values have equal keys, apart from booleans and nothing, which are loosely equal to many.</summary>
    internal sealed class Counts(bool isStrict, bool ignoresCase)
    {
        private readonly Dictionary<string, (FieldValue Value, int Count)> _values = new(StringComparer.Ordinal);

        private int _total;
        private int _true;
        private int _nullLike;

        public void Add(FieldValue value)
        {
            var key = KeyOf(value);
            _values[key] = (value, _values.TryGetValue(key, out var known) ? known.Count + 1 : 1);
            _total++;
            _true += PhpEquality.Truth(value) ? 1 : 0;
            _nullLike += PhpEquality.Loose(default, value) ? 1 : 0;
        }

        public int Equal(FieldValue value)
        {
            if (isStrict || (ignoresCase && value.Kind == FieldKind.Text))
                return CountOf(value);
            if (value.Kind == FieldKind.Boolean)
                return value.AsBoolean!.Value ? _true : _total - _true;
            if (value.IsNull)
                return _nullLike;
            var count = CountOf(value) + CountOf(PhpEquality.Truth(value));
            return PhpEquality.Loose(default, value) ? count + CountOf(default) : count;
        }

        private int CountOf(FieldValue value) => _values.TryGetValue(KeyOf(value), out var known) ? known.Count : 0;

        private string KeyOf(FieldValue value)
        {
            if (ignoresCase && value.Kind is FieldKind.Text or FieldKind.Integer or FieldKind.Float)
                return "t" + PhpText.Of(value).ToLowerInvariant();
            if (isStrict)
                return (int)value.Kind + ":" + PhpText.Of(value);
            if (value.Kind is FieldKind.Boolean or FieldKind.Null || value.IsArray || value.Kind == FieldKind.Upload)
                return (int)value.Kind + ":" + PhpText.Of(value);
            return Number(value) ?? "t" + PhpText.Of(value);
        }

        private static string? Number(FieldValue value)
        {
            if (value.AsText is { } text && !PhpNumber.TryRead(text, out value))
                return null;
            var number = value.AsFloat!.Value;
            return "n" + (value.AsInteger is { } whole ? whole.ToString(CultureInfo.InvariantCulture)
                : number == Math.Truncate(number) && Math.Abs(number) < 1e15 ? ((long)number).ToString(CultureInfo.InvariantCulture)
                : number.ToString("R", CultureInfo.InvariantCulture));
        }
    }
}
