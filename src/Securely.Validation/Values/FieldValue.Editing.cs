namespace Securely.Validation;

public readonly partial struct FieldValue
{
    /// <summary>The value at a path, or nothing when a part of the way is missing.</summary>
    public FieldValue Get(FieldPath path) => TryGet(path, out var value) ? value : default;

    /// <summary>Finds the value at a path. A value of nothing that is there is found.</summary>
    public bool TryGet(FieldPath path, out FieldValue value)
    {
        ArgumentNullException.ThrowIfNull(path);
        value = this;
        foreach (var segment in path.Segments)
        {
            var index = value.IndexOf(segment);
            if (index < 0)
            {
                value = default;
                return false;
            }

            value = value.ValueAt(index);
        }

        return true;
    }

    /// <summary>A copy with a value at a path; maps are made on the way, and what is not a list or a map gives way.</summary>
    public FieldValue With(FieldPath path, FieldValue value)
    {
        ArgumentNullException.ThrowIfNull(path);
        return With(path.Segments, value);
    }

    /// <summary>A copy without the entry at a path; the same value when it is not there. A list keeps the places of the others by becoming a map.</summary>
    public FieldValue Without(FieldPath path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Without(path.Segments);
    }

    private FieldValue With(ReadOnlySpan<string> segments, FieldValue value)
    {
        if (segments.IsEmpty)
            return value;
        var index = IndexOf(segments[0]);
        var inner = (index < 0 ? default : ValueAt(index)).With(segments[1..], value);
        if (Kind == FieldKind.List && index >= 0)
        {
            var items = Items.ToArray();
            items[index] = inner;
            return new(FieldKind.List, 0, items);
        }

        if (TryIndex(segments[0], out var next) && next == Count && (Kind == FieldKind.List || !IsArray))
            return List(Kind == FieldKind.List ? [.. Items, inner] : [inner]);
        return new(FieldKind.Map, 0, AsMap().With(segments[0], inner));
    }

    private FieldValue Without(ReadOnlySpan<string> segments)
    {
        var index = segments.IsEmpty ? -1 : IndexOf(segments[0]);
        if (index < 0)
            return this;
        if (segments.Length == 1)
            return Kind == FieldKind.List && index == Count - 1 ? List(Items.AsSpan(0, index)) : new(FieldKind.Map, 0, AsMap().Without(index));
        return With(segments[..1], ValueAt(index).Without(segments[1..]));
    }

    private FieldMap AsMap() => Kind == FieldKind.Map ? MapOf : FieldMap.Of(Entries());
}
