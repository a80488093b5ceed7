namespace Securely.Validation;

/// <summary>
/// Laravel's rules over a tree of values: <c>"email" =&gt; "required|email|max:255"</c>. One validator judges one set of data, once or
/// several times; it is not thread-safe, while its rules and options are shared.
/// </summary>
public sealed partial class Validator
{
    private readonly RuleSet _rules;
    private readonly List<Action<Validator>> _after = [];
    private readonly Dictionary<string, List<RuleFailure>> _failures = new(StringComparer.Ordinal);
    private readonly HashSet<FieldPath> _excluded = [];
    private FieldPlan _plan;
    private FieldValue _source;
    private FieldValue _data;
    private bool _ownsPlan;
    private bool _hasRun;

    /// <summary>A validation of some data.</summary>
    /// <param name="data">The data: a map; anything else counts as a value without fields.</param>
    /// <param name="rules">The rules.</param>
    /// <param name="options">Messages, names and helpers; null for the defaults.</param>
    public Validator(FieldValue data, RuleSet rules, ValidatorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(rules);
        _source = data;
        _data = data;
        _rules = rules;
        Options = options ?? DefaultOptions;
        _plan = rules.PlanFor(data, Options.MaximumFields);
    }

    /// <summary>A validation of plain .NET data; see <see cref="FieldValue.From(object?)"/> for what it may hold.</summary>
    /// <exception cref="ArgumentException">A value of a type that no rule can judge.</exception>
    public Validator(IReadOnlyDictionary<string, object?> data, RuleSet rules, ValidatorOptions? options = null)
        : this(FieldValue.From(data), rules, options)
    {
    }

    /// <summary>The messages of what failed; empty before the first run.</summary>
    public ErrorBag Errors { get; private set; } = new();

    /// <summary>Which rules failed, by field.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<RuleFailure>> Failures =>
        _failures.ToDictionary(entry => entry.Key, entry => (IReadOnlyList<RuleFailure>)entry.Value, StringComparer.Ordinal);

    /// <summary>The options.</summary>
    public ValidatorOptions Options { get; }

    /// <summary>The data as it stands: with <see cref="SetValue"/> applied, and after a run without excluded fields.</summary>
    public FieldValue Data => _data;

    private static ValidatorOptions DefaultOptions { get; } = new();

    internal FieldPlan Plan => _plan;

    /// <summary>What <c>distinct</c> counted in this run.</summary>
    internal DistinctCache DistinctCounts { get; } = new();

    /// <summary>Runs all rules and says whether everything passed.</summary>
    /// <exception cref="InvalidOperationException">A rule needs a helper that the options do not have.</exception>
    public async ValueTask<bool> PassesAsync(CancellationToken cancellationToken = default)
    {
        Begin();
        foreach (var pattern in _plan.Overflows)
            AddFailure(pattern.Explicit() ?? pattern, "too_many_fields", [Options.MaximumFields.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        RuleContext? context = null;
        foreach (var field in _plan.Fields)
        {
            if (IsExcluded(field.Path))
                continue;
            if (Options.StopOnFirstFailure && Errors.Any)
                break;
            foreach (var use in field.Rules.Uses)
            {
                context ??= new RuleContext(this, field, use);
                await AskAsync(context, field, use, cancellationToken).ConfigureAwait(false);
                if (IsExcluded(field.Path) || IsDone(field))
                    break;
            }
        }

        if (_excluded.Count > 0)
            _data = ExcludedFields.Remove(_data, _excluded);
        foreach (var callback in _after)
            callback(this);
        return Errors.IsEmpty;
    }

    /// <summary>Runs all rules and says whether something failed.</summary>
    public async ValueTask<bool> FailsAsync(CancellationToken cancellationToken = default) => !await PassesAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>Runs all rules and returns the values of the fields that have rules.</summary>
    /// <exception cref="ValidationException">Something failed.</exception>
    public async ValueTask<ValidatedData> ValidateAsync(CancellationToken cancellationToken = default) =>
        await PassesAsync(cancellationToken).ConfigureAwait(false) ? Validated() : throw new ValidationException(this);

    /// <summary>The values of the fields that have rules, after a run that passed.</summary>
    /// <exception cref="InvalidOperationException">It has not run.</exception>
    /// <exception cref="ValidationException">Something failed.</exception>
    public ValidatedData Validated()
    {
        if (!_hasRun)
            throw new InvalidOperationException("Nothing is validated yet; await PassesAsync first");
        if (Errors.Any)
            throw new ValidationException(this);
        return new ValidatedData(ValidatedFields.Collect(this));
    }

    /// <summary>Calls back at the end of each run, to judge what no single rule can: it may add to <see cref="Errors"/>.</summary>
    public Validator After(Action<Validator> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        _after.Add(callback);
        return this;
    }

    /// <summary>Adds rules to a field for this validation only.</summary>
    /// <exception cref="RuleException">A rule cannot be read.</exception>
    public Validator AddRules(FieldPath field, RuleList rules) => Sometimes(field, rules, static (_, _) => true);

    /// <summary>Adds rules to the fields for which a condition on the data and on the entry around the field holds.</summary>
    /// <param name="field">The field, wildcards included.</param>
    /// <param name="rules">The rules.</param>
    /// <param name="condition">Told all data and the map or list that the field is in.</param>
    /// <exception cref="RuleException">A rule cannot be read.</exception>
    public Validator Sometimes(FieldPath field, RuleList rules, Func<FieldValue, FieldValue, bool> condition)
    {
        ArgumentNullException.ThrowIfNull(field);
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentNullException.ThrowIfNull(condition);
        if (!_ownsPlan)
            _plan = _plan.Copy();
        _ownsPlan = true;
        var parts = _rules.Read(rules);
        var expansion = new WildcardExpansion(_data, _plan, Options.MaximumFields, _rules.Read);
        foreach (var path in field.HasWildcard ? expansion.Find(field) : [field])
        {
            var around = FieldPath.IsWildcard(field.Segments[^1]) || path.Segments.Length == 1 ? path : path.Parent();
            if (condition(_data, _data.Get(around)))
                _plan.Add(new FieldState(path, expansion.Rules(parts, path), field.HasWildcard ? field : null));
        }

        return this;
    }

    /// <summary>Makes a field fail with a rule's message; for callbacks of <see cref="After"/>.</summary>
    public void AddFailure(FieldPath field, string rule, params IReadOnlyList<string?> parameters)
    {
        ArgumentNullException.ThrowIfNull(field);
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(parameters);
        var state = _plan.Find(field) ?? new FieldState(field, new FieldRules([]));
        AddFailure(state, new RuleFailure(rule, [.. parameters]), null);
    }

    /// <summary>The value of a field; nothing when it is absent or excluded.</summary>
    public FieldValue GetValue(FieldPath field) => TryGet(field, out var value) ? value : default;

    /// <summary>Changes the data under validation, for this run and later ones.</summary>
    public void SetValue(FieldPath field, FieldValue value)
    {
        _data = _data.With(field, value);
        _source = _excluded.Count == 0 ? _data : _source.With(field, value);
    }

    /// <summary>Whether a field is there, be it nothing or empty.</summary>
    public bool Has(FieldPath field) => TryGet(field, out _);

    /// <summary>Whether a field has a rule, by its name in lower case with underscores.</summary>
    public bool HasRule(FieldPath field, string rule)
    {
        ArgumentNullException.ThrowIfNull(field);
        return _plan.Find(field)?.Rules.Has(rule) ?? false;
    }

    /// <summary>The top-level fields without messages, with all that is in them.</summary>
    public FieldValue Valid() => ValidatedFields.TopLevel(_data, FailedTops(), failed: false);

    /// <summary>The values of the fields that failed and are there.</summary>
    public FieldValue Invalid() => ValidatedFields.Failed(_data, _plan, _failures.Keys);

    /// <summary>What failed as an RFC 9457 document.</summary>
    public ValidationProblem ToProblem() => ValidationProblem.Of(this);

    internal FieldPath PathOf(string field)
    {
        foreach (var state in _plan.Fields)
        {
            if (string.Equals(state.Name, field, StringComparison.Ordinal))
                return state.Path;
        }

        return FieldPath.Parse(field);
    }

    internal bool IsExcluded(FieldPath path)
    {
        if (_excluded.Count == 0)
            return false;
        for (var at = path; !_excluded.Contains(at); at = at.Parent())
        {
            if (at.Segments.Length == 1)
                return false;
        }

        return true;
    }
}
