using System.Globalization;
using System.Text.RegularExpressions;
using Securely.Validation;

namespace Securely.Components.Tests.Conformance.Validation;

/// <summary>Maps rule expressions of recorded cases onto rule objects of ours.</summary>
internal static class PhpRules
{
    private static readonly Dictionary<string, (string Member, FieldValue Value)[]> Enums = new(StringComparer.Ordinal)
    {
        ["Suit"] = [("Hearts", "H"), ("Spades", "S")],
        ["Level"] = [("Low", 1), ("High", 2)],
        ["Pure"] = [],
    };

    public static RuleEntry Read(string expression) => Entry(PhpReader.Read(expression));

    /// <summary>A rule in PHP's array form: its name and its parameters.</summary>
    public static string ArrayForm(IEnumerable<string> parts)
    {
        string[] all = [.. parts];
        return all.Length == 1 ? all[0] : all[0] + ":" + string.Join(',', all.Skip(1).Select(part => '"' + part.Replace("\"", "\"\"", StringComparison.Ordinal) + '"'));
    }

    public static FieldValue Value(PhpNode node) => node switch
    {
        PhpNode.Scalar scalar => FieldValue.From(scalar.Value),
        PhpNode.Name name when name.Text.Split("::") is [var type, var member] && Enums.TryGetValue(type, out var members) =>
            members.First(candidate => candidate.Member == member).Value,
        _ => throw new FormatException($"[{node}] is no value"),
    };

    private static RuleEntry Entry(PhpNode node) => node switch
    {
        PhpNode.Closure closure => Function(closure.Text),
        PhpNode.Scalar { Value: string text } => text,
        PhpNode.Call { Target: null, Method: "Enum" } call => Enumeration(call),
        PhpNode.Call { Target: PhpNode.Name { Text: "Rule" } } call => Facade(call),
        PhpNode.Call { Target: PhpNode.Name { Text: "Password" } } call => Rule.Password((int)Value(call.Arguments[0]).AsInteger!.Value),
        PhpNode.Call { Target: { } target } call => Further(Entry(target), call),
        _ => throw new FormatException($"[{node}] is no rule"),
    };

    private static EnumRule Enumeration(PhpNode.Call call)
    {
        var name = ((PhpNode.Name)call.Arguments[0]).Text.Split("::")[0];
        return Rule.Enum(Enums[name].Select(member => member.Value));
    }

    private static RuleEntry Facade(PhpNode.Call call)
    {
        var arguments = call.Arguments;
        return call.Method switch
        {
            "in" => Rule.In(Values(arguments)),
            "notIn" => Rule.NotIn(Values(arguments)),
            "contains" => Rule.Contains(Values(arguments)),
            "doesntContain" => Rule.DoesntContain(Values(arguments)),
            "array" => Rule.Array(Values(arguments).Select(value => value.ToString())),
            "arrayKeys" => Rule.ArrayKeys(Values(arguments).Select(value => value.ToString())),
            "when" => Rule.When(Condition(arguments[0]), List(arguments[1]), arguments.Count > 2 ? List(arguments[2]) : null),
            "unless" => Rule.Unless(Condition(arguments[0]), List(arguments[1]), arguments.Count > 2 ? List(arguments[2]) : null),
            "requiredIf" => Rule.RequiredIf(Condition(arguments[0])),
            "requiredUnless" => Rule.RequiredIf(!Condition(arguments[0])),
            "prohibitedIf" => Rule.ProhibitedIf(Condition(arguments[0])),
            "prohibitedUnless" => Rule.ProhibitedIf(!Condition(arguments[0])),
            "excludeIf" => Rule.ExcludeIf(Condition(arguments[0])),
            "excludeUnless" => Rule.ExcludeIf(!Condition(arguments[0])),
            "exists" => Rule.Exists(Value(arguments[0]).AsText!, arguments.Count > 1 ? Value(arguments[1]).AsText : null),
            "unique" => Rule.Unique(Value(arguments[0]).AsText!, arguments.Count > 1 ? Value(arguments[1]).AsText : null),
            "anyOf" => Rule.AnyOf(((PhpNode.List)arguments[0]).Items.Select(item => List(item.Value))),
            "enum" => Enumeration(call),
            "forEach" => Each((PhpNode.Closure)arguments[0]),
            "date" => Rule.Date(),
            "dateTime" => Rule.DateTime(),
            "email" => Rule.Email(),
            "numeric" => Rule.Numeric(),
            "string" => Rule.String(),
            "file" => Rule.File(),
            "imageFile" => Rule.ImageFile(PhpChains.Flag(call)),
            "dimensions" when arguments.Count == 0 => Rule.Dimensions(),
            _ => throw new FormatException($"Rule::{call.Method} is not mapped"),
        };
    }

    private static RuleEntry Further(RuleEntry rule, PhpNode.Call call) => rule switch
    {
        PasswordRule password => PhpChains.Password(password, call),
        PresenceRule presence => PhpChains.Presence(presence, call),
        DateRule date => PhpChains.Date(date, call),
        EmailRule email => PhpChains.Email(email, call),
        NumericRule numeric => PhpChains.Numeric(numeric, call),
        StringRule text => PhpChains.Letters(text, call),
        FileRule file => PhpChains.File(file, call),
        DimensionsRule size => PhpChains.Dimensions(size, call),
        EnumRule choice when call.Method == "only" => choice.Only([.. Values(call.Arguments)]),
        EnumRule choice when call.Method == "except" => choice.Except([.. Values(call.Arguments)]),
        _ => throw new FormatException($"->{call.Method} is not mapped"),
    };

    /// <summary>A function that fails: with its message when it calls <c>$fail</c>, perhaps under a condition on the value.</summary>
    private static RuleEntry Function(string text)
    {
        var message = Regex.Match(text, """\$fail\((["'])(?<message>.*?)\1\)""");
        var isEqual = Regex.Match(text, """\$val(ue)?\s*(?<op>===?|!==?)\s*(["'])(?<operand>.*?)\3""");
        return Rule.Using(context =>
        {
            var matches = !isEqual.Success || (context.Value == isEqual.Groups["operand"].Value) == (isEqual.Groups["op"].Value[0] == '=');
            return !message.Success || !matches || context.Fail(message.Groups["message"].Value);
        });
    }

    /// <summary>In a list of rules, PHP reads the list that such a function returns as one rule with parameters.</summary>
    private static RuleEntry Each(PhpNode.Closure closure)
    {
        var body = PhpReader.Read(closure.Text[(closure.Text.IndexOf("=>", StringComparison.Ordinal) + 2)..]);
        return Rule.ForEach((_, _) => body is PhpNode.List list
            ? (RuleEntry)ArrayForm(list.Items.Select(item => Value(item.Value).ToString()))
            : Value(body).AsText!);
    }

    private static bool Condition(PhpNode node) => node is PhpNode.Closure closure
        ? closure.Text.TrimEnd().EndsWith("true", StringComparison.Ordinal)
        : Value(node).AsBoolean!.Value;

    private static RuleList List(PhpNode node) => node switch
    {
        PhpNode.Scalar { Value: string text } => text,
        PhpNode.List list => [.. list.Items.Select(item => Entry(item.Value))],
        _ => Entry(node),
    };

    internal static IEnumerable<FieldValue> Values(IReadOnlyList<PhpNode> arguments) =>
        arguments is [PhpNode.List list] ? list.Items.Select(item => Value(item.Value)) : arguments.Select(Value);

    internal static string Text(PhpNode node) => Value(node).ToString();

    internal static decimal Decimal(PhpNode node) => decimal.Parse(Text(node), CultureInfo.InvariantCulture);
}
