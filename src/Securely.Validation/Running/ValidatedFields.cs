namespace Securely.Validation;

/// <summary>Collects the values of fields into a tree of their own.</summary>
internal static class ValidatedFields
{
    public static FieldValue Collect(Validator validator)
    {
        var fields = validator.Plan.Fields;
        var root = new Node();
        // What was excluded has no rules any more: a parent with nothing else below it stands for itself.
        var parents = validator.Options.IncludesUnvalidatedKeys ? [] : Parents(fields.Where(field => !validator.IsExcluded(field.Path)));
        foreach (var field in fields)
        {
            if (validator.IsExcluded(field.Path) || !validator.Data.TryGet(field.Path, out var value))
                continue;
            if (field.Rules.IsBareArray && !value.IsNull && parents.Contains(field.Path))
                continue;
            root.Set(field.Path.Segments, value);
        }

        var result = root.Build();
        return result.IsNull ? FieldValue.Map() : result.Kind == FieldKind.Map ? result : FieldValue.Map(result.Entries());
    }

    public static FieldValue TopLevel(FieldValue data, HashSet<string> names, bool failed) =>
        FieldValue.Map(data.Entries().Where(entry => names.Contains(entry.Key) == failed));

    public static FieldValue Failed(FieldValue data, FieldPlan plan, IReadOnlyCollection<string> names)
    {
        var failed = names.ToHashSet(StringComparer.Ordinal);
        var root = new Node();
        foreach (var field in plan.Fields)
        {
            if (failed.Contains(field.Name) && data.TryGet(field.Path, out var value))
                root.Set(field.Path.Segments, value);
        }

        var result = root.Build();
        return result.IsNull ? FieldValue.Map() : result;
    }

    private static HashSet<FieldPath> Parents(IEnumerable<FieldState> fields)
    {
        var parents = new HashSet<FieldPath>();
        foreach (var field in fields)
        {
            var path = field.Path;
            while (path.Segments.Length > 1)
            {
                path = path.Parent();
                if (!parents.Add(path))
                    break;
            }
        }

        return parents;
    }

    /// <summary>A tree that is filled path by path: each step costs one search, so wide data stays cheap.</summary>
    private sealed class Node
    {
        private readonly List<string> _keys = [];
        private Dictionary<string, Node>? _children;
        private FieldValue _leaf;

        public void Set(ReadOnlySpan<string> segments, FieldValue value)
        {
            if (segments.IsEmpty)
            {
                _leaf = value;
                _children = null;
                _keys.Clear();
                return;
            }

            Open().Child(segments[0]).Set(segments[1..], value);
        }

        public FieldValue Build()
        {
            if (_children is null)
                return _leaf;
            var entries = _keys.Select(key => KeyValuePair.Create(key, _children[key].Build())).ToArray();
            var map = FieldValue.Map(entries);
            return map.IsList ? FieldValue.List(Array.ConvertAll(entries, entry => entry.Value)) : map;
        }

        private Node Open()
        {
            if (_children is not null)
                return this;
            _children = new Dictionary<string, Node>(StringComparer.Ordinal);
            foreach (var (key, value) in _leaf.Entries())
                Child(key)._leaf = value;
            return this;
        }

        private Node Child(string key)
        {
            if (!_children!.TryGetValue(key, out var child))
            {
                _children[key] = child = new Node();
                _keys.Add(key);
            }

            return child;
        }
    }
}
