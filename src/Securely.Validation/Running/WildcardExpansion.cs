namespace Securely.Validation;

/// <summary>Turns paths with wildcards into the fields that the data has, up to a limit.</summary>
internal sealed class WildcardExpansion(FieldValue data, FieldPlan plan, int maximumFields, Func<RuleList, IReadOnlyList<RulePart>> read)
{
    public void Add(FieldPath path, IReadOnlyList<RulePart> parts, bool replace)
    {
        if (!path.HasWildcard)
        {
            var field = new FieldState(path, Rules(parts, path));
            if (replace)
                plan.Set(field);
            else
                plan.Add(field);
            return;
        }

        var found = Find(path);
        var isConstant = parts.All(part => part is RulePart.One);
        var shared = isConstant ? Rules(parts, path) : null;
        foreach (var match in found)
            plan.Add(new FieldState(match, shared ?? Rules(parts, match), path));
    }

    /// <summary>The fields that match a path, in the order of the data.</summary>
    public IReadOnlyList<FieldPath> Find(FieldPath path)
    {
        var found = new List<FieldPath>();
        if (!Walk(data, path.Segments, [], found, FieldPath.IsWildcard(path.Segments[^1])))
            plan.Overflows.Add(path);
        return found;
    }

    public FieldRules Rules(IReadOnlyList<RulePart> parts, FieldPath field)
    {
        var uses = new List<RuleUse>();
        Collect(parts, field, uses);
        return new FieldRules(uses);
    }

    private void Collect(IReadOnlyList<RulePart> parts, FieldPath field, List<RuleUse> uses)
    {
        foreach (var part in parts)
        {
            switch (part)
            {
                case RulePart.One one: uses.Add(one.Use); break;
                case RulePart.Choice choice: Collect(choice.For(data), field, uses); break;
                case RulePart.Each each: Collect(read(each.For(data.Get(field), field.ToString())), field, uses); break;
            }
        }
    }

    /// <summary>
    /// A path that ends in a wildcard finds what is there. One that ends in a name also finds fields that are missing below entries that are
    /// there, so that <c>users.*.name</c> can be required.
    /// </summary>
    private bool Walk(FieldValue value, ReadOnlySpan<string> rest, List<string> walked, List<FieldPath> found, bool isOnlyPresent)
    {
        if (rest.IsEmpty)
        {
            if (found.Count >= maximumFields)
                return false;
            found.Add(new FieldPath([.. walked]));
            return true;
        }

        if (FieldPath.IsWildcard(rest[0]))
        {
            for (var i = 0; i < value.Count; i++)
            {
                if (!Step(value.ValueAt(i), value.KeyAt(i), rest[1..], walked, found, isOnlyPresent))
                    return false;
            }

            return true;
        }

        return (!value.TryGet(rest[0], out var inner) && isOnlyPresent) || Step(inner, rest[0], rest[1..], walked, found, isOnlyPresent);
    }

    private bool Step(FieldValue value, string key, ReadOnlySpan<string> rest, List<string> walked, List<FieldPath> found, bool isOnlyPresent)
    {
        walked.Add(key);
        var goesOn = Walk(value, rest, walked, found, isOnlyPresent);
        walked.RemoveAt(walked.Count - 1);
        return goesOn;
    }
}
