namespace Securely.Validation;

/// <summary>
/// One rule of your own. Add it to a <see cref="RuleRegistry"/> to use it by name (<c>"even"</c>), or put it in a list with
/// <see cref="Rule.Of(IRule)"/>. One object serves all validations at once, so it keeps nothing between calls.
/// </summary>
public interface IRule
{
    /// <summary>The name in rule strings, messages and failures, in lower case with underscores: <c>even_number</c>.</summary>
    string Name { get; }

    /// <summary>
    /// Whether the rule also looks at a field that is absent or empty. Default: no, the rule is then skipped; when such a rule fails, the
    /// rest of the field's rules is skipped.
    /// </summary>
    bool IsImplicit => false;

    /// <summary>The message when neither the catalogue nor the options have one; <c>:attribute</c> and the other placeholders work.</summary>
    string? Message => null;

    /// <summary>Whether the value passes; <see cref="RuleContext.Fail(string)"/> gives a message of its own to a failure.</summary>
    ValueTask<bool> PassesAsync(RuleContext context, CancellationToken cancellationToken);
}
