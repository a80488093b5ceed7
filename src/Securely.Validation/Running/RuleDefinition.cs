namespace Securely.Validation;

/// <summary>A rule by name: what it is and how it is asked. One of <see cref="Check"/>, <see cref="CheckAsync"/> and <see cref="Custom"/> is there, or none (a mark).</summary>
internal sealed class RuleDefinition
{
    public required string Name { get; init; }

    public RuleTraits Traits { get; init; }

    public int MinimumParameters { get; init; }

    public Func<RuleContext, bool>? Check { get; init; }

    public Func<RuleContext, CancellationToken, ValueTask<bool>>? CheckAsync { get; init; }

    public IRule? Custom { get; init; }

    /// <summary>Reads the parameters once, when the rules are read; throws <see cref="RuleException"/> for what can never work.</summary>
    public Action<RuleUse>? Prepare { get; init; }

    public bool Is(RuleTraits trait) => (Traits & trait) != 0;
}
