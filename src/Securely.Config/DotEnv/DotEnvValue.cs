using System.Buffers;
using System.Text;

namespace Securely.Config;

/// <summary>Reads what stands behind the <c>=</c> of a variable: a state machine over the characters, which remembers where a <c>$</c> may begin a name.</summary>
internal ref struct DotEnvValue
{
    private static readonly SearchValues<char> ReferenceLetters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.");

    private readonly ReadOnlySpan<char> _line;
    private readonly int _limit;
    private readonly StringBuilder _text = new();
    private readonly List<int> _references = [];

    /// <summary>Starts behind the <c>=</c>.</summary>
    /// <param name="line">The variable's part of the text.</param>
    /// <param name="from">The place behind its <c>=</c>.</param>
    public DotEnvValue(ReadOnlySpan<char> line, int from)
    {
        _line = line;
        var trimmed = line[from..].TrimStart(DotEnvLine.Blanks);
        Start = line.Length - trimmed.Length;
        _limit = Start + trimmed.TrimEnd(DotEnvLine.Blanks).Length;
        if (trimmed.IsEmpty)
            Start = _limit = from;
        End = Start;
    }

    private enum State
    {
        Initial,
        Plain,
        Single,
        Double,
        Escape,
        Blank,
        Comment,
    }

    /// <summary>Where the value starts in the line, its quote included.</summary>
    public int Start { get; }

    /// <summary>The place behind the value, its quote included and a comment not.</summary>
    public int End { get; private set; }

    public bool IsQuoted { get; private set; }

    /// <summary>Reads the value. The message is null when it is one.</summary>
    public (int Column, string Message) Scan()
    {
        var state = State.Initial;
        for (var at = Start; at < _limit && state != State.Comment; at++)
        {
            // A value over several lines has the line ends of Unix, whatever the file has.
            if (_line[at] == '\r' && at + 1 < _limit && _line[at + 1] == '\n')
                continue;
            var error = Step(_line[at] == '\r' ? '\n' : _line[at], ref state);
            if (error is not null)
                return (Column(at), error);
            if (state is not (State.Blank or State.Comment) || (state == State.Blank && _line[at] is '"' or '\''))
                End = at + 1;
        }

        return state is State.Single or State.Double or State.Escape
            ? (Column(Start), "The quote that opens here is not closed")
            : default;
    }

    /// <summary>The text with each <c>${NAME}</c> replaced whose name is known. What a replacement brings is not looked at again.</summary>
    public readonly string Resolve(Func<string, string?> known)
    {
        var text = _text.ToString();
        for (var i = _references.Count - 1; i >= 0; i--)
        {
            var start = _references[i];
            if (start + 1 >= text.Length || text[start + 1] != '{')
                continue;
            var close = text.IndexOf('}', start);
            if (close < start + 3 || !IsReference(text.AsSpan((start + 2)..close)) || known(text[(start + 2)..close]) is not { } value)
                continue;
            text = string.Concat(text.AsSpan(0, start), value, text.AsSpan(close + 1));
        }

        return text;
    }

    private static bool IsReference(ReadOnlySpan<char> name) => name.IndexOfAnyExcept(ReferenceLetters) < 0;

    private static bool IsSpace(char c) => c is ' ' or (>= '\t' and <= '\r');

    private string? Step(char c, ref State state)
    {
        switch (state)
        {
            case State.Initial or State.Plain:
                state = StepPlain(c, isFirst: state == State.Initial);
                return null;
            case State.Single:
                if (c == '\'')
                    state = State.Blank;
                else
                    _text.Append(c);
                return null;
            case State.Double:
                state = StepDouble(c);
                return null;
            case State.Escape:
                state = State.Double;
                return StepEscape(c);
            default:
                if (c == '#')
                    state = State.Comment;
                return c == '#' || IsSpace(c) ? null : "A value with blanks needs quotes, as in [\"two words\"]";
        }
    }

    private State StepPlain(char c, bool isFirst)
    {
        if (c == '#')
            return State.Comment;
        if (isFirst && c is '\'' or '"')
        {
            IsQuoted = true;
            return c == '"' ? State.Double : State.Single;
        }

        if (IsSpace(c))
            return State.Blank;
        Append(c);
        return State.Plain;
    }

    private readonly State StepDouble(char c)
    {
        switch (c)
        {
            case '"':
                return State.Blank;
            case '\\':
                return State.Escape;
            default:
                Append(c);
                return State.Double;
        }
    }

    private readonly string? StepEscape(char c)
    {
        var meant = c switch
        {
            '"' or '\\' or '$' => c,
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'f' => '\f',
            'v' => '\v',
            _ => '\0',
        };
        if (meant == '\0')
            return "Escape [\\" + c + "] is not known in double quotes; write [\\\\] for a backslash, or use single quotes";
        _text.Append(meant);
        return null;
    }

    private readonly void Append(char c)
    {
        if (c == '$')
            _references.Add(_text.Length);
        _text.Append(c);
    }

    private readonly int Column(int at) => at - (_line[..at].LastIndexOfAny('\r', '\n') + 1) + 1;
}
