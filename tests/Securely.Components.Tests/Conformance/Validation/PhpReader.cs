using System.Globalization;
using System.Text;

namespace Securely.Components.Tests.Conformance.Validation;

/// <summary>A call or a value of the small part of PHP that recorded cases use.</summary>
internal abstract record PhpNode
{
    /// <summary>A number, a text, true, false or null.</summary>
    public sealed record Scalar(object? Value) : PhpNode;

    /// <summary>A list or a map.</summary>
    public sealed record List(IReadOnlyList<(PhpNode? Key, PhpNode Value)> Items) : PhpNode;

    /// <summary>A function; its body is kept as text.</summary>
    public sealed record Closure(string Text) : PhpNode;

    /// <summary><c>Name::member</c> without a call, or a variable.</summary>
    public sealed record Name(string Text) : PhpNode;

    /// <summary><c>Target::Method(...)</c>, <c>target-&gt;Method(...)</c> or <c>new Target(...)</c>.</summary>
    public sealed record Call(PhpNode? Target, string Method, IReadOnlyList<PhpNode> Arguments) : PhpNode;
}

/// <summary>Reads such expressions.</summary>
internal sealed class PhpReader(string text)
{
    private int _place;

    public static PhpNode Read(string text)
    {
        var reader = new PhpReader(text);
        var node = reader.Expression();
        reader.Skip();
        return reader._place == text.Length || text[reader._place] == ';' ? node : throw reader.Unreadable();
    }

    private FormatException Unreadable() => new($"Cannot read [{text}] from {_place}");

    private PhpNode Expression()
    {
        var node = Primary();
        while (Take("->"))
            node = new PhpNode.Call(node, Word(), Arguments());
        return node;
    }

    private PhpNode Primary()
    {
        if (Peek() == '\0')
            throw Unreadable();
        if (Take("new "))
            return new PhpNode.Call(null, Short(Word()), Arguments());
        if (StartsWith("fn ") || StartsWith("fn(") || StartsWith("function"))
            return new PhpNode.Closure(Closure());
        if (text[_place] is '"' or '\'')
            return new PhpNode.Scalar(Quoted());
        if (text[_place] == '[')
            return List();
        if (char.IsAsciiDigit(text[_place]) || text[_place] == '-')
            return Number();
        var word = Short(Word());
        if (word.Length == 0)
            throw Unreadable();
        if (Take("::"))
        {
            var member = Word();
            return Peek() == '(' ? new PhpNode.Call(new PhpNode.Name(word), member, Arguments()) : new PhpNode.Name(word + "::" + member);
        }

        return word switch
        {
            "true" => new PhpNode.Scalar(true),
            "false" => new PhpNode.Scalar(false),
            "null" => new PhpNode.Scalar(null),
            _ => new PhpNode.Name(word),
        };
    }

    private List<PhpNode> Arguments()
    {
        var arguments = new List<PhpNode>();
        if (Peek() != '(')
            return arguments;
        _place++;
        while (Peek() != ')')
        {
            if (_place == text.Length)
                throw Unreadable();
            var start = _place;
            if (char.IsAsciiLetter(text[_place]) && Word().Length > 0 && Peek() == ':' && text[_place + 1] != ':')
                _place++;
            else
                _place = start;
            arguments.Add(Expression());
            _ = Take(",");
        }

        _place++;
        return arguments;
    }

    private PhpNode.List List()
    {
        _place++;
        var items = new List<(PhpNode?, PhpNode)>();
        while (Peek() != ']')
        {
            var value = Expression();
            if (Take("=>"))
                items.Add((value, Expression()));
            else
                items.Add((null, value));
            _ = Take(",");
        }

        _place++;
        return new PhpNode.List(items);
    }

    private PhpNode.Scalar Number()
    {
        var start = _place++;
        while (_place < text.Length && (char.IsAsciiDigit(text[_place]) || text[_place] == '.'))
            _place++;
        var number = text[start.._place];
        return new PhpNode.Scalar(number.Contains('.', StringComparison.Ordinal)
            ? double.Parse(number, CultureInfo.InvariantCulture)
            : (object)long.Parse(number, CultureInfo.InvariantCulture));
    }

    private string Quoted()
    {
        var quote = text[_place++];
        var result = new StringBuilder();
        while (text[_place] != quote)
        {
            if (text[_place] == '\\' && (text[_place + 1] == quote || text[_place + 1] == '\\'))
                _place++;
            result.Append(text[_place++]);
        }

        _place++;
        return result.ToString();
    }

    /// <summary>The text up to the comma or bracket that ends the argument.</summary>
    private string Closure()
    {
        var start = _place;
        var depth = 0;
        for (; _place < text.Length; _place++)
        {
            if (text[_place] is '"' or '\'')
            {
                Quoted();
                _place--;
            }
            else if (text[_place] is '(' or '[' or '{')
            {
                depth++;
            }
            else if (text[_place] is ')' or ']' or '}' && --depth < 0)
            {
                break;
            }
            else if (text[_place] == ',' && depth == 0)
            {
                break;
            }
        }

        return text[start.._place];
    }

    private string Word()
    {
        Skip();
        var start = _place;
        while (_place < text.Length && (char.IsAsciiLetterOrDigit(text[_place]) || text[_place] is '_' or '\\' or '$'))
            _place++;
        return text[start.._place];
    }

    private static string Short(string name) => name[(name.LastIndexOf('\\') + 1)..];

    private char Peek()
    {
        Skip();
        return _place < text.Length ? text[_place] : '\0';
    }

    private bool StartsWith(string part) => text.AsSpan(_place).StartsWith(part);

    private bool Take(string part)
    {
        Skip();
        if (!StartsWith(part))
            return false;
        _place += part.Length;
        return true;
    }

    private void Skip()
    {
        while (_place < text.Length && char.IsWhiteSpace(text[_place]))
            _place++;
    }
}
