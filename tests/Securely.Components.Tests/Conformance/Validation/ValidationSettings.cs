using System.Text.RegularExpressions;
using Securely.Validation;

namespace Securely.Components.Tests.Conformance.Validation;

/// <summary>What a recorded case does to its validator before it runs.</summary>
internal sealed partial class ValidationSettings
{
    public Dictionary<string, string> Attributes { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, IReadOnlyDictionary<string, string>> Values { get; } = new(StringComparer.Ordinal);

    public Func<string, string>? ImplicitAttributes { get; private set; }

    public bool StopsOnFirstFailure { get; private set; }

    public List<Action<Validator>> Steps { get; } = [];

    public static ValidationSettings Read(string code)
    {
        var settings = new ValidationSettings();
        foreach (var statement in Statement().Matches(code).Select(match => match.Value))
            settings.Apply((PhpNode.Call)PhpReader.Read(statement));
        return settings;
    }

    private void Apply(PhpNode.Call call)
    {
        switch (call.Method)
        {
            case "addCustomValues" or "setValueNames": ReadValues((PhpNode.List)call.Arguments[0]); break;
            case "addCustomAttributes" or "setAttributeNames":
                foreach (var (key, value) in Entries(call.Arguments[0]))
                    Attributes[key] = PhpRules.Text(value);
                break;
            case "setImplicitAttributesFormatter":
                var parts = Around().Match(((PhpNode.Closure)call.Arguments[0]).Text);
                ImplicitAttributes = field => parts.Groups["before"].Value + field + parts.Groups["after"].Value;
                break;
            case "stopOnFirstFailure": StopsOnFirstFailure = true; break;
            case "sometimes": ReadSometimes(call); break;
            case "after": ReadAfter(((PhpNode.Closure)call.Arguments[0]).Text); break;
            default: throw new FormatException($"->{call.Method} is not mapped");
        }
    }

    private void ReadValues(PhpNode.List list)
    {
        foreach (var (field, names) in Entries(list))
            Values[field] = Entries(names).ToDictionary(entry => entry.Key, entry => PhpRules.Text(entry.Value), StringComparer.Ordinal);
    }

    private void ReadSometimes(PhpNode.Call call)
    {
        var condition = Condition().Match(((PhpNode.Closure)call.Arguments[2]).Text);
        var fields = call.Arguments[0] is PhpNode.List list ? list.Items.Select(item => PhpRules.Text(item.Value)).ToArray() : [PhpRules.Text(call.Arguments[0])];
        Steps.Add(validator =>
        {
            foreach (var field in fields)
            {
                validator.Sometimes(field, PhpRules.Text(call.Arguments[1]), (input, item) =>
                    (condition.Groups["of"].Value == "item" ? item : input).Get(condition.Groups["field"].Value) == condition.Groups["value"].Value);
            }
        });
    }

    private void ReadAfter(string closure)
    {
        var added = Added().Match(closure);
        Steps.Add(validator => validator.After(run =>
        {
            if (added.Success)
                run.Errors.Add(added.Groups["field"].Value, added.Groups["message"].Value);
        }));
    }

    private static IEnumerable<(string Key, PhpNode Value)> Entries(PhpNode node) =>
        ((PhpNode.List)node).Items.Select(item => (PhpRules.Text(item.Key!), item.Value));

    [GeneratedRegex(@"\$v->(?:[^;""'{]|""[^""]*""|'[^']*'|\{[^}]*\})*")]
    private static partial Regex Statement();

    [GeneratedRegex("""return\s*(?:"(?<before>[^"]*)"\s*\.)?\s*\$\w+\s*(?:\.\s*"(?<after>[^"]*)")?""")]
    private static partial Regex Around();

    [GeneratedRegex("""\$(?<of>\w+)->(?<field>\w+)\s*===?\s*["'](?<value>[^"']*)["']""")]
    private static partial Regex Condition();

    [GeneratedRegex("""->add\(\s*["'](?<field>[^"']*)["']\s*,\s*["'](?<message>[^"']*)["']""")]
    private static partial Regex Added();
}
