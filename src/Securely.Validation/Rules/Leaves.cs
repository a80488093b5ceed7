namespace Securely.Validation;

/// <summary>The values of data that are no lists or maps with entries, by path.</summary>
internal static class Leaves
{
    /// <summary>Leaves whose path has the shape of a pattern; across dots a last wildcard also finds deeper ones.</summary>
    public static List<(FieldPath Path, FieldValue Value)> Matching(FieldValue data, FieldPath pattern, bool acrossDots)
    {
        var found = new List<(FieldPath, FieldValue)>();
        Walk(data, pattern.Segments, acrossDots, [], found);
        return found;
    }

    private static void Walk(FieldValue value, ReadOnlySpan<string> rest, bool acrossDots, List<string> walked, List<(FieldPath, FieldValue)> found)
    {
        if (rest.IsEmpty)
        {
            if (!value.IsArray || value.Count == 0)
                found.Add((new FieldPath([.. walked]), value));
            return;
        }

        var isStar = FieldPath.IsWildcard(rest[0]);
        var only = isStar ? -1 : value.IndexOf(rest[0]);
        for (var i = isStar ? 0 : Math.Max(only, 0); i < (isStar ? value.Count : only + 1); i++)
        {
            walked.Add(value.KeyAt(i));
            var inner = value.ValueAt(i);
            Walk(inner, rest[1..], acrossDots, walked, found);
            if (isStar && acrossDots && inner.Count > 0)
                Walk(inner, rest, acrossDots, walked, found);
            walked.RemoveAt(walked.Count - 1);
        }
    }
}
