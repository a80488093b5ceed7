namespace Securely.Validation;

/// <summary>Passes when one list of rules does, each tried on the value alone.</summary>
internal sealed class AnyOfRule(IReadOnlyList<RuleList> alternatives) : IRule
{
    private static readonly FieldPath Only = FieldPath.OfName("value");

    private readonly RuleSet[] _alternatives = [.. alternatives.Select(rules => new RuleSet { { "value", rules } })];

    public string Name => "any_of";

    public async ValueTask<bool> PassesAsync(RuleContext context, CancellationToken cancellationToken)
    {
        var data = FieldValue.Map().With(Only, context.Value);
        foreach (var rules in _alternatives)
        {
            if (await new Validator(data, rules, context.Options).PassesAsync(cancellationToken).ConfigureAwait(false))
                return true;
        }

        return false;
    }
}
