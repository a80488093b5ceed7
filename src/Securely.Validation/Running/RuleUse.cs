namespace Securely.Validation;

/// <summary>A rule in the list of a field, with its parameters. Immutable after its definition has prepared it, so it serves all validations.</summary>
internal sealed class RuleUse
{
    private readonly FieldPath[] _paths;
    private readonly bool _needsFilling;

    public RuleUse(RuleDefinition definition, string?[] parameters)
    {
        Definition = definition;
        Parameters = parameters;
        if (parameters.Length < definition.MinimumParameters)
        {
            throw new RuleException(
                $"Rule [{definition.Name}] needs {definition.MinimumParameters} parameter{(definition.MinimumParameters == 1 ? "" : "s")}, "
                + $"it has {parameters.Length}; write [{definition.Name}:...] with a comma between them");
        }

        _paths = definition.Is(RuleTraits.Dependent) ? Array.ConvertAll(parameters, parameter => FieldPath.Parse(parameter ?? "")) : [];
        _needsFilling = Array.Exists(parameters, parameter => parameter is not null && parameter.AsSpan().IndexOfAny('*', '\\') >= 0);
        definition.Prepare?.Invoke(this);
    }

    public RuleDefinition Definition { get; }

    public string?[] Parameters { get; }

    /// <summary>What <see cref="RuleDefinition.Prepare"/> made of the parameters.</summary>
    public object? Prepared { get; set; }

    /// <summary>The parameters as this field sees them: its own indexes instead of asterisks.</summary>
    public string?[] ParametersFor(FieldState field) => !_needsFilling || _paths.Length == 0
        ? Parameters
        : Array.ConvertAll(_paths, path => (string?)path.Fill(field.Keys).ToString());

    /// <summary>The other field that a parameter names.</summary>
    public FieldPath PathFor(int parameter, FieldState field) => _paths[parameter].Fill(field.Keys);
}
