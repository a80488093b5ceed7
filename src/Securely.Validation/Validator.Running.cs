namespace Securely.Validation;

public sealed partial class Validator
{
    private static readonly string[] NoParameters = [];

    private void Begin()
    {
        Errors = new ErrorBag();
        _failures.Clear();
        DistinctCounts.Clear();
        if (_excluded.Count > 0)
            _data = _source;
        _excluded.Clear();
        _hasRun = true;
    }

    private bool TryGet(FieldPath field, out FieldValue value)
    {
        if (_data.TryGet(field, out value))
            return true;
        value = default;
        return false;
    }

    private async ValueTask AskAsync(RuleContext context, FieldState field, RuleUse use, CancellationToken cancellationToken)
    {
        var isThere = TryGet(field.Path, out var value);
        if (value.AsUpload is { IsComplete: false } && (field.Rules.Is(RuleTraits.File) || field.Rules.Is(RuleTraits.Implicit)))
        {
            AddFailure(field, new RuleFailure("uploaded", NoParameters), null);
            return;
        }

        if (!IsAskable(field, use.Definition, isThere, value))
            return;
        context.Begin(field, use, value);
        if (await PassesAsync(context, use.Definition, cancellationToken).ConfigureAwait(false))
            return;
        if (use.Definition.Is(RuleTraits.Exclude))
            _excluded.Add(field.Path);
        else
            AddFailure(field, new RuleFailure(use.Definition.Name, context.Parameters) { Rule = use.Definition }, context.Messages);
    }

    private static ValueTask<bool> PassesAsync(RuleContext context, RuleDefinition rule, CancellationToken cancellationToken)
    {
        if (rule.Check is not null)
            return new(rule.Check(context));
        return rule.CheckAsync?.Invoke(context, cancellationToken) ?? rule.Custom?.PassesAsync(context, cancellationToken) ?? new(true);
    }

    private bool IsAskable(FieldState field, RuleDefinition rule, bool isThere, FieldValue value)
    {
        if (rule.Is(RuleTraits.Exclude))
            return true;
        if (!rule.Is(RuleTraits.Implicit))
        {
            if (!isThere || (value.AsText is { } text && PhpText.IsBlank(text)))
                return false;
            if (value.IsNull && field.Rules.IsNullable)
                return false;
        }

        if (field.Rules.IsSometimes && !isThere)
            return false;
        return !rule.Is(RuleTraits.Presence) || Errors.CountOf(field.Name) == 0;
    }

    private bool IsDone(FieldState field)
    {
        if (Errors.IsEmpty)
            return false;
        if (field.Rules.IsBail)
            return Errors.CountOf(field.Name) > 0;
        if (!_failures.TryGetValue(field.Name, out var failures))
            return false;
        foreach (var failure in failures)
        {
            if (failure.Name == "uploaded" || failure.Rule?.Is(RuleTraits.Implicit) == true)
                return true;
        }

        return false;
    }

    private void AddFailure(FieldState field, RuleFailure failure, List<RuleMessage>? messages)
    {
        var writer = new MessageWriter(this, field, failure);
        if (messages is null)
        {
            Errors.Add(field.Name, writer.Write());
        }
        else
        {
            foreach (var message in messages)
                Errors.Add(field.Name, writer.Write(message));
        }

        if (!_failures.TryGetValue(field.Name, out var failures))
            _failures[field.Name] = failures = [];
        failures.RemoveAll(known => known.Name == failure.Name);
        failures.Add(failure);
    }

    private HashSet<string> FailedTops() =>
        Errors.Keys.Select(key => key.Split('.', 2)[0]).ToHashSet(StringComparer.Ordinal);
}
