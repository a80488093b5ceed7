namespace Securely.Validation;

/// <summary>A rule that is a function.</summary>
internal sealed class DelegateRule(string name, Func<RuleContext, bool> passes, string? message) : IRule
{
    public string Name => name;

    public string? Message => message;

    public ValueTask<bool> PassesAsync(RuleContext context, CancellationToken cancellationToken) => new(passes(context));
}
