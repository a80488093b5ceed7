namespace Securely.Validation;

/// <summary>Takes fields out of data in one walk, however many they are.</summary>
internal static class ExcludedFields
{
    public static FieldValue Remove(FieldValue data, HashSet<FieldPath> excluded)
    {
        var root = new Node();
        foreach (var path in excluded)
        {
            var node = root;
            foreach (var segment in path.Segments)
                node = node.Child(segment);
            node.IsExcluded = true;
        }

        return Remove(data, root);
    }

    private static FieldValue Remove(FieldValue value, Node node)
    {
        if (!value.IsArray || node.Children is null)
            return value;
        var kept = new List<KeyValuePair<string, FieldValue>>(value.Count);
        foreach (var (key, inner) in value.Entries())
        {
            if (!node.Children.TryGetValue(key, out var child))
                kept.Add(new(key, inner));
            else if (!child.IsExcluded)
                kept.Add(new(key, Remove(inner, child)));
        }

        var map = FieldValue.Map(kept);
        return value.Kind == FieldKind.List && map.IsList ? FieldValue.List([.. kept.Select(entry => entry.Value)]) : map;
    }

    private sealed class Node
    {
        public bool IsExcluded { get; set; }

        public Dictionary<string, Node>? Children { get; private set; }

        public Node Child(string key)
        {
            Children ??= new Dictionary<string, Node>(StringComparer.Ordinal);
            if (!Children.TryGetValue(key, out var child))
                Children[key] = child = new Node();
            return child;
        }
    }
}
