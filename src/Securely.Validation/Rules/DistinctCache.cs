namespace Securely.Validation;

/// <summary>Counts by pattern, for one run.</summary>
internal sealed class DistinctCache
{
    private Dictionary<(FieldPath, bool, bool), DistinctValues.Counts>? _counts;

    public DistinctValues.Counts GetOrAdd(
        (FieldPath Pattern, bool IsStrict, bool IgnoresCase) of,
        FieldValue data,
        Func<(FieldPath, bool, bool), FieldValue, DistinctValues.Counts> count)
    {
        _counts ??= [];
        if (!_counts.TryGetValue(of, out var counts))
            _counts[of] = counts = count(of, data);
        return counts;
    }

    public void Clear() => _counts?.Clear();
}
