namespace Securely.Dns;

internal sealed partial class ZoneFileSession
{
    private void ReadDirective(string name)
    {
        var tokens = _lexer.Tokens;
        switch (name.ToUpperInvariant())
        {
            case "$ORIGIN" when _lexer.Count == 2:
                if (DomainName.TryParse(tokens[1].In(_text), _origin, out var origin, out var error))
                    _origin = origin;
                else
                    Fail(tokens[1], $"The name [{tokens[1].In(_text)}] {error}");
                break;
            case "$TTL" when _lexer.Count == 2:
                if (TimeText.TryParseDuration(tokens[1].In(_text), out var ttl))
                    _defaultTtl = Limit(ttl, tokens[1]);
                else
                    Fail(tokens[1], $"The TTL [{tokens[1].In(_text)}] is not a time from 0 to 4294967295 seconds");
                break;
            case "$INCLUDE" when _lexer.Count is 2 or 3:
                Include();
                break;
            case "$GENERATE" when _lexer.Count >= 4:
                Generate();
                break;
            case "$ORIGIN" or "$TTL":
                Fail(tokens[0], $"[{name}] has one value");
                break;
            case "$INCLUDE":
                Fail(tokens[0], "[$INCLUDE] is followed by a file, and perhaps by an origin");
                break;
            case "$GENERATE":
                Fail(tokens[0], "[$GENERATE] is followed by a range, an owner, a type and data");
                break;
            default:
                Fail(tokens[0], $"The directive [{name}] is unknown; there are $ORIGIN, $TTL, $INCLUDE and $GENERATE");
                break;
        }
    }
}
