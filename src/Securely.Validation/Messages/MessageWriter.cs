using System.Globalization;

namespace Securely.Validation;

/// <summary>Finds the message of a failure and fills it in.</summary>
internal readonly struct MessageWriter(Validator validator, FieldState field, RuleFailure failure)
{
    private static readonly string[] Ordinals = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];

    private ValidatorOptions Options => validator.Options;

    public string Write() => Fill(Find(failure.Name), failure.Name, failure.Parameters);

    public string Write(RuleMessage message)
    {
        if (message.IsRendered)
            return message.Text!;
        var key = message.Key ?? failure.Name;
        return Fill(message.Text is null ? Find(key) : Inline(failure.Name) ?? message.Text, key, message.Key is null ? failure.Parameters : message.Parameters);
    }

    /// <summary>Own messages first (field and rule, rule, field), then the catalogue (field and rule, rule), then what the rule itself brings.</summary>
    private string Find(string rule)
    {
        if (Inline(rule) is { } inline)
            return inline;
        var type = IsSized(rule) ? SizeType() : null;
        return Options.Catalog.FindCustom(field.Name, rule, type) ?? Options.Catalog.Find(rule, type) ?? failure.Rule?.Custom?.Message ?? "validation." + rule;
    }

    private string? Inline(string rule)
    {
        if (Options.Messages.Count == 0)
            return null;
        var type = IsSized(rule) ? "." + SizeType() : null;
        return (type is null ? null : InlineOf(field.Name + "." + rule + type) ?? InlineOf(rule + type))
            ?? InlineOf(field.Name + "." + rule) ?? InlineOf(rule) ?? InlineOf(field.Name);
    }

    private string? InlineOf(string key)
    {
        if (Options.Messages.TryGetValue(key, out var message))
            return message;
        foreach (var (pattern, candidate) in Options.Messages)
        {
            if (pattern.Contains('*', StringComparison.Ordinal) && StarPattern.IsMatch(pattern, key, acrossDots: false))
                return candidate;
        }

        return null;
    }

    private static bool IsSized(string rule) => rule is "size" or "between" or "min" or "max" or "gt" or "gte" or "lt" or "lte";

    private string SizeType()
    {
        var value = validator.GetValue(field.Path);
        if (field.Rules.Is(RuleTraits.Numeric) || (failure.Rule?.Is(RuleTraits.Comparing) == true && PhpNumber.IsNumeric(value)))
            return "numeric";
        return field.Rules.IsListOrArray ? "array" : value.Kind == FieldKind.Upload ? "file" : "string";
    }

    private string Fill(string message, string rule, IReadOnlyList<string?> parameters)
    {
        if (!message.Contains(':', StringComparison.Ordinal))
            return message;
        message = Placeholders.WithCase(message, "attribute", NameOf(field.Path, field));
        if (message.Contains(":input", StringComparison.Ordinal) && !validator.GetValue(field.Path).IsArray)
            message = message.Replace(":input", ValueOf(field.Name, validator.GetValue(field.Path)), StringComparison.Ordinal);
        message = FillPositions(message);
        return new Placeholders(this, rule, parameters).Fill(message);
    }

    private string FillPositions(string message)
    {
        if (!message.Contains("index", StringComparison.OrdinalIgnoreCase) && !message.Contains("position", StringComparison.OrdinalIgnoreCase))
            return message;
        var place = 0;
        foreach (var segment in field.Path.Segments)
        {
            if (!FieldValue.TryIndex(segment, out var index))
                continue;
            var word = place < Ordinals.Length ? Ordinals[place] : "other";
            message = FillPosition(message, place == 0 ? "" : word + "-", index);
            if (place == 0)
                message = FillPosition(message, "first-", index);
            place++;
        }

        return message;
    }

    private string FillPosition(string message, string prefix, int index) => message
        .Replace($":{prefix}index", Text(index), StringComparison.OrdinalIgnoreCase)
        .Replace($":{prefix}position", Text(index + 1), StringComparison.OrdinalIgnoreCase)
        .Replace($":{prefix}ordinal-position", Options.Catalog.Ordinal(index + 1), StringComparison.OrdinalIgnoreCase);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    public FieldValue Get(FieldPath path) => validator.GetValue(path);

    public FieldState Owner => @field;

    public RuleContext Context() => new(validator, field, new RuleUse(failure.Rule ?? new RuleDefinition { Name = failure.Name }, [.. failure.Parameters]));

    /// <summary>The name of another field in a message.</summary>
    public string NameOf(string other) => NameOf(FieldPath.Parse(other), null);

    /// <summary>The name of a value in a message.</summary>
    public string ValueOf(string of, FieldValue value)
    {
        var text = PhpText.Of(value);
        if (Options.Values.TryGetValue(of, out var names) && names.TryGetValue(text, out var name))
            return name;
        if (Options.Catalog.ValueName(of, text) is { } known)
            return known;
        return value.Kind switch
        {
            FieldKind.List or FieldKind.Map => Options.Catalog.Word("array"),
            FieldKind.Boolean => value.AsBoolean!.Value ? "true" : "false",
            FieldKind.Null => Options.Catalog.Word("empty"),
            _ => text,
        };
    }

    private string NameOf(FieldPath path, FieldState? known)
    {
        var name = path.ToString();
        var pattern = (known ?? validator.Plan.Find(path))?.Pattern;
        if ((Named(name) ?? Options.Catalog.AttributeName(name)) is { } own)
            return own;
        if (pattern?.ToString() is { } primary)
            return Named(primary) ?? Options.Catalog.AttributeName(primary) ?? Options.ImplicitAttributes?.Invoke(name) ?? name;
        return FieldNames.Readable(name);
    }

    private string? Named(string name)
    {
        if (Options.Attributes.Count == 0)
            return null;
        if (Options.Attributes.TryGetValue(name, out var own))
            return own.Length == 0 ? null : own;
        foreach (var (pattern, candidate) in Options.Attributes)
        {
            if (pattern.Contains('*', StringComparison.Ordinal) && candidate.Length > 0 && StarPattern.IsMatch(pattern, name, acrossDots: false))
                return candidate;
        }

        return null;
    }
}
