namespace Securely.Validation;

/// <summary>Fills the placeholders that a rule's own parameters give.</summary>
internal readonly struct Placeholders(MessageWriter writer, string rule, IReadOnlyList<string?> parameters)
{
    /// <summary>Replaces a placeholder in lower case, with a capital and in capitals.</summary>
    public static string WithCase(string message, string name, string value) => message
        .Replace(":" + name, value, StringComparison.Ordinal)
        .Replace(":" + name.ToUpperInvariant(), value.ToUpperInvariant(), StringComparison.Ordinal)
        .Replace(":" + FieldNames.Capitalized(name), FieldNames.Capitalized(value), StringComparison.Ordinal);

    public string Fill(string message)
    {
        switch (rule)
        {
            case "between" or "digits_between":
                return message.Replace(":min", At(0), StringComparison.Ordinal).Replace(":max", At(1), StringComparison.Ordinal);
            case "min" or "min_digits": return Put(message, ":min", At(0));
            case "max" or "max_digits" or "too_many_fields": return Put(message, ":max", At(0));
            case "size": return Put(message, ":size", At(0));
            case "digits": return Put(message, ":digits", At(0));
            case "date_format": return Put(message, ":format", At(0));
            case "encoding": return Put(message, ":encoding", At(0));
            case "multiple_of": return Put(message, ":value", At(0));
            case "decimal": return Put(message, ":decimal", parameters.Count > 1 ? At(0) + "-" + At(1) : At(0));
            case "gt" or "gte" or "lt" or "lte": return Put(message, ":value", Compared());
            case "before" or "before_or_equal" or "after" or "after_or_equal" or "date_equals": return Put(message, ":date", Date());
            case "dimensions": return Named(message);
            case "extensions" or "mimes" or "mimetypes": return Put(message, ":values", string.Join(", ", parameters));
            case "array_keys": return FillKeys(message);
            default: return FillOthers(message);
        }
    }

    private string FillOthers(string message)
    {
        switch (rule)
        {
            case "accepted_if" or "declined_if" or "missing_if" or "present_if" or "prohibited_if" or "required_if":
                return WithCase(WithCase(message, "other", writer.NameOf(At(0))), "value", writer.ValueOf(At(0), writer.Get(At(0))));
            case "missing_unless" or "present_unless":
                return WithCase(WithCase(message, "other", writer.NameOf(At(0))), "value", writer.ValueOf(At(0), At(1)));
            case "required_unless" or "prohibited_unless":
                return WithCase(WithCase(message, "other", writer.NameOf(At(0))), "values", Values(At(0), 1));
            case "required_if_accepted" or "required_if_declined" or "prohibited_if_accepted" or "prohibited_if_declined" or "same" or "different" or "in_array":
                return WithCase(message, "other", writer.NameOf(At(0)));
            case "prohibits": return WithCase(message, "other", Names());
            case "missing_with" or "missing_with_all" or "present_with" or "present_with_all" or "required_with" or "required_with_all"
                or "required_without" or "required_without_all":
                return WithCase(message, "values", Names());
            default: return parameters.Count == 0 ? message : WithCase(message, "values", Values(writer.Owner.Name, 0));
        }
    }

    private string FillKeys(string message)
    {
        var known = parameters;
        var unexpected = writer.Get(writer.Owner.Path).Entries().Select(entry => entry.Key).Where(key => !known.Contains(key, StringComparer.Ordinal));
        return WithCase(WithCase(message, "values", Values(writer.Owner.Name, 0)), "unexpected", string.Join(", ", unexpected));
    }

    private string Named(string message)
    {
        foreach (var parameter in parameters)
        {
            var parts = (parameter ?? "").Split('=', 2);
            message = message.Replace(":" + parts[0], parts.Length > 1 ? parts[1] : "", StringComparison.Ordinal);
        }

        return message;
    }

    /// <summary>The size of the field that was compared with, or the number itself.</summary>
    private string Compared()
    {
        var other = writer.Get(At(0));
        if (other.IsNull)
            return PhpNumber.IsNumeric(At(0)) ? At(0) : writer.NameOf(At(0));
        // As the comparison did: sizes are numbers for a field with a numeric rule, or with a number in it.
        var isNumeric = writer.Owner.Rules.Is(RuleTraits.Numeric) || PhpNumber.IsNumeric(writer.Get(writer.Owner.Name));
        return isNumeric && PhpNumber.IsNumeric(other) ? PhpText.Of(other) : FieldSize.Describe(other);
    }

    private string Date()
    {
        var isDate = DateReader.TryRead(At(0), writer.Context().Options, out _);
        return isDate ? writer.ValueOf(writer.Owner.Name, At(0)) : writer.NameOf(At(0));
    }

    private string Values(string of, int from)
    {
        var self = writer;
        return string.Join(", ", parameters.Skip(from).Select(value => self.ValueOf(of, value ?? "")));
    }

    private string Names()
    {
        var self = writer;
        return string.Join(" / ", parameters.Select(name => self.NameOf(name ?? "")));
    }

    private string At(int index) => index < parameters.Count ? parameters[index] ?? "" : "";

    private static string Put(string message, string placeholder, string value) => message.Replace(placeholder, value, StringComparison.Ordinal);
}
