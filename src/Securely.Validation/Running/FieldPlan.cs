namespace Securely.Validation;

/// <summary>All fields of one validation in order. A plan without wildcards and conditions is made once and shared.</summary>
internal sealed class FieldPlan
{
    private readonly List<FieldState> _fields = [];
    private readonly Dictionary<FieldPath, int> _places = [];

    public IReadOnlyList<FieldState> Fields => _fields;

    /// <summary>Patterns that found more fields than are allowed.</summary>
    public List<FieldPath> Overflows { get; } = [];

    public FieldState? Find(FieldPath path) => _places.TryGetValue(path, out var place) ? _fields[place] : null;

    /// <summary>A field written without wildcards: its rules replace those that a wildcard gave it before.</summary>
    public void Set(FieldState field)
    {
        if (_places.TryGetValue(field.Path, out var place))
        {
            _fields[place] = new FieldState(field.Path, field.Rules, field.Pattern ?? _fields[place].Pattern);
        }
        else
        {
            _places[field.Path] = _fields.Count;
            _fields.Add(field);
        }
    }

    /// <summary>More rules for a field.</summary>
    public void Add(FieldState field)
    {
        if (Find(field.Path) is { } known)
            Set(new FieldState(field.Path, known.Rules.With(field.Rules), known.Pattern ?? field.Pattern));
        else
            Set(field);
    }

    public FieldPlan Copy()
    {
        var copy = new FieldPlan();
        foreach (var field in _fields)
            copy.Set(field);
        copy.Overflows.AddRange(Overflows);
        return copy;
    }
}
