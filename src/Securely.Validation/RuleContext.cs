namespace Securely.Validation;

/// <summary>
/// What a rule sees: the field, its value, the parameters of the rule and the rest of the data. Valid only during the call it is handed to.
/// </summary>
public sealed class RuleContext
{
    private readonly Validator _validator;
    private FieldState _field;
    private RuleUse _use;
    private string?[] _parameters = [];

    internal RuleContext(Validator validator, FieldState field, RuleUse use)
    {
        _validator = validator;
        _field = field;
        _use = use;
    }

    /// <summary>The name of the field, with dots.</summary>
    public string Field => _field.Name;

    /// <summary>The path of the field.</summary>
    public FieldPath Path => _field.Path;

    /// <summary>Its value; nothing when it is absent.</summary>
    public FieldValue Value { get; private set; }

    /// <summary>The parameters of the rule; an empty one is null.</summary>
    public IReadOnlyList<string?> Parameters => _parameters;

    /// <summary>All data.</summary>
    public FieldValue Data => _validator.Data;

    /// <summary>The options of the validation.</summary>
    public ValidatorOptions Options => _validator.Options;

    /// <summary>The validator that asks.</summary>
    public Validator Validator => _validator;

    internal FieldState State => _field;

    internal RuleUse Use => _use;

    internal List<RuleMessage>? Messages { get; private set; }

    /// <summary>Whether sizes of this field mean its number: it has a numeric rule, or the rule compares and the value is a number.</summary>
    internal bool IsNumeric => _field.Rules.Is(RuleTraits.Numeric) || (_use.Definition.Is(RuleTraits.Comparing) && PhpNumber.IsNumeric(Value));

    /// <summary>The value of another field; nothing when it is absent.</summary>
    public FieldValue Get(FieldPath path) => _validator.GetValue(path);

    /// <summary>Whether another field is there, be it nothing or empty.</summary>
    public bool Has(FieldPath path) => _validator.Has(path);

    /// <summary>Whether this field has a rule, by its name in lower case with underscores.</summary>
    public bool HasRule(string name) => _field.Rules.Has(name);

    /// <summary>Gives the failure a message of its own; placeholders work. Several calls give several messages. Returns false, to be returned.</summary>
    public bool Fail(string message)
    {
        ArgumentNullException.ThrowIfNull(message);
        (Messages ??= []).Add(new RuleMessage(null, message, []));
        return false;
    }

    /// <summary>A message of the catalogue for the failure.</summary>
    internal bool FailWith(string key, params string?[] parameters)
    {
        (Messages ??= []).Add(new RuleMessage(key, null, parameters));
        return false;
    }

    /// <summary>A message that needs nothing more.</summary>
    internal void FailRendered(string message) => (Messages ??= []).Add(new RuleMessage(null, message, []) { IsRendered = true });

    internal string? Parameter(int index) => index < _parameters.Length ? _parameters[index] : null;

    internal string Text(int index) => Parameter(index) ?? "";

    internal FieldPath OtherPath(int index) => _use.PathFor(index, _field);

    internal FieldValue Other(int index) => Get(OtherPath(index));

    internal void Begin(FieldState field, RuleUse use, FieldValue value)
    {
        _field = field;
        _use = use;
        _parameters = use.ParametersFor(field);
        Value = value;
        Messages = null;
    }
}

/// <summary>A message of a failing rule: one of the catalogue by its key, or a text.</summary>
internal sealed record RuleMessage(string? Key, string? Text, string?[] Parameters)
{
    public bool IsRendered { get; init; }
}
