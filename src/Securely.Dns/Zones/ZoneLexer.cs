namespace Securely.Dns;

/// <summary>
/// Cuts a zone file into entries of words: an entry ends with its line unless a parenthesis is open (RFC 1035, 5.1). Comments go, quotes and
/// parentheses are taken away, escapes stay.
/// </summary>
internal sealed class ZoneLexer(string text)
{
    private ZoneToken[] _tokens = new ZoneToken[16];
    private int _at;
    private int _line = 1;
    private int _lineStart;

    /// <summary>The words of the entry; only the first <see cref="Count"/> count.</summary>
    internal ZoneToken[] Tokens => _tokens;

    /// <summary>How many words the entry has.</summary>
    internal int Count { get; private set; }

    /// <summary>Whether the entry begins with white space: its owner is that of the entry before.</summary>
    internal bool IsIndented { get; private set; }

    /// <summary>What is wrong with the entry, and where; null when nothing is.</summary>
    internal (string Message, int Line, int Column)? Error { get; private set; }

    /// <summary>The line of the last entry's end.</summary>
    internal int Line => _line;

    /// <summary>Where the next entry begins.</summary>
    internal int Position => _at;

    /// <summary>Goes on elsewhere, at the beginning of a line.</summary>
    internal void Resume(int position, int line)
    {
        if (position != _at)
            (_at, _line, _lineStart) = (position, line, position);
    }

    /// <summary>Reads the next entry that has a word.</summary>
    /// <param name="leading">Whether white space at the beginning of a line means something.</param>
    /// <returns>False at the end of the text.</returns>
    internal bool Next(bool leading = true)
    {
        Count = 0;
        Error = null;
        while (_at < text.Length && Count == 0 && Error is null)
        {
            IsIndented = leading && text[_at] is ' ' or '\t';
            ReadEntry();
        }

        return Count > 0 || Error is not null;
    }

    private void ReadEntry()
    {
        var depth = 0;
        (int Line, int Column) opened = default;
        while (_at < text.Length)
        {
            var letter = text[_at];
            switch (letter)
            {
                case '\n':
                    EndLine();
                    if (depth == 0)
                        return;
                    break;
                case ' ' or '\t' or '\r':
                    _at++;
                    break;
                case ';':
                    SkipComment();
                    break;
                case '(':
                    opened = (_line, Column(_at++));
                    depth++;
                    break;
                case ')' when --depth < 0:
                    Fail("[)] has no [(] before it", _line, Column(_at));
                    return;
                case ')':
                    _at++;
                    break;
                default:
                    if (letter == '"' ? !ReadQuoted() : !ReadWord())
                        return;
                    break;
            }
        }

        if (depth > 0)
            Fail("[(] is never closed", opened.Line, opened.Column);
    }

    private bool ReadWord()
    {
        var start = _at;
        while (_at < text.Length && !IsEnd(text[_at]))
        {
            if (text[_at] == '\\' && ++_at == text.Length)
                return Fail("The file ends within an escape", _line, Column(_at - 1));
            if (text[_at] == '\n')
                return Fail("The line ends within an escape", _line, Column(_at - 1));
            _at++;
        }

        Add(new ZoneToken(start, _at - start, IsQuoted: false, _line, Column(start)));
        return true;
    }

    private bool ReadQuoted()
    {
        var start = ++_at;
        var (line, column) = (_line, Column(start - 1));
        while (_at < text.Length && text[_at] != '"')
        {
            if (text[_at] == '\n')
                return Fail("The text has no closing quote on its line", line, column);
            if (text[_at] == '\\' && ++_at == text.Length)
                break;
            if (text[_at] == '\n')
                return Fail("The line ends within an escape", _line, Column(_at - 1));
            _at++;
        }

        if (_at >= text.Length)
            return Fail("The text has no closing quote", line, column);
        Add(new ZoneToken(start, _at++ - start, IsQuoted: true, line, column));
        return true;
    }

    private void SkipComment()
    {
        var end = text.IndexOf('\n', _at);
        _at = end < 0 ? text.Length : end;
    }

    private void EndLine()
    {
        _lineStart = ++_at;
        _line++;
    }

    private void Add(in ZoneToken token)
    {
        if (Count == _tokens.Length)
            Array.Resize(ref _tokens, Count * 2);
        _tokens[Count++] = token;
    }

    private int Column(int at) => at - _lineStart + 1;

    // What is left of the line is skipped, so that the entries behind it are judged too.
    private bool Fail(string message, int line, int column)
    {
        Error = (message, line, column);
        Count = 0;
        SkipComment();
        if (_at < text.Length)
            EndLine();
        return false;
    }

    private static bool IsEnd(char letter) => letter is ' ' or '\t' or '\r' or '\n' or ';' or '(' or ')' or '"';
}
