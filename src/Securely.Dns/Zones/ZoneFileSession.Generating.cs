using System.Globalization;
using System.Text;

namespace Securely.Dns;

internal sealed partial class ZoneFileSession
{
    private ZoneOwner? _generated;

    // $GENERATE START-STOP[/STEP] OWNER [TTL] [CLASS] TYPE DATA
    private void Generate()
    {
        var tokens = _lexer.Tokens;
        var place = tokens[0];
        if (!TryReadRange(tokens[1].In(_text), out var start, out var stop, out var step))
        {
            Fail(tokens[1], $"[{tokens[1].In(_text)}] is not a range such as 1-100 or 0-254/2");
            return;
        }

        if (((stop - start) / step) + 1 > ZoneFileReader.MostGenerated)
        {
            Fail(tokens[1], $"The range [{tokens[1].In(_text)}] makes more than {ZoneFileReader.MostGenerated} records");
            return;
        }

        var owner = tokens[2].In(_text).ToString();
        var rest = Rejoin(tokens.AsSpan(3, _lexer.Count - 3));
        for (var number = start; number <= stop; number += step)
        {
            if (Substitute(owner, number) is not { } left || Substitute(rest, number) is not { } right)
            {
                Fail(place, "A [$] of [$GENERATE] is followed by something that is not {OFFSET,WIDTH,BASE}");
                return;
            }

            if (!GenerateOne(left, right, place))
                return;
        }
    }

    private bool GenerateOne(string left, string right, in ZoneToken place)
    {
        var owner = _generated ??= new ZoneOwner();
        if (!owner.TryRead(left, _origin, out var error))
        {
            Fail(place, $"The name [{left}] {error}");
            return false;
        }

        var before = _zone.Problems.Count;
        var lexer = new ZoneLexer(right);
        lexer.Next(leading: false);
        if (lexer.Error is { } wrong)
            Fail(place, wrong.Message);
        else
            ReadRecord(right, lexer.Tokens, 0, lexer.Count, place, owner);
        // One complaint stands for all lines of the range.
        return _zone.Problems.Count == before;
    }

    private string Rejoin(ReadOnlySpan<ZoneToken> tokens)
    {
        var text = new StringBuilder();
        foreach (var token in tokens)
        {
            var quote = token.IsQuoted ? "\"" : "";
            text.Append(text.Length > 0 ? " " : "").Append(quote).Append(token.In(_text)).Append(quote);
        }

        return text.ToString();
    }

    private static bool TryReadRange(ReadOnlySpan<char> text, out long start, out long stop, out long step)
    {
        step = 1;
        stop = 0;
        var slash = text.IndexOf('/');
        var dash = text.IndexOf('-');
        var end = slash < 0 ? text.Length : slash;
        start = 0;
        return dash > 0 && dash < end && TryNumber(text[..dash], out start) && TryNumber(text[(dash + 1)..end], out stop)
            && (slash < 0 || TryNumber(text[(slash + 1)..], out step)) && start <= stop && step > 0;

        static bool TryNumber(ReadOnlySpan<char> digits, out long number) =>
            long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= int.MaxValue;
    }

    // $ is the number, ${OFFSET,WIDTH,BASE} the number in another form, \$ and $$ a dollar sign.
    private static string? Substitute(string template, long number)
    {
        var text = new StringBuilder(template.Length + 8);
        for (var i = 0; i < template.Length; i++)
        {
            var letter = template[i];
            if (letter == '\\' && i + 1 < template.Length)
            {
                i++;
                text.Append(template[i] == '$' ? "$" : $"\\{template[i]}");
            }
            else if (letter != '$')
                text.Append(letter);
            else if (i + 1 < template.Length && template[i + 1] == '$')
                text.Append(template[i++]);
            else if (i + 1 < template.Length && template[i + 1] == '{')
            {
                var end = template.IndexOf('}', i);
                if (end < 0 || !TryAppend(template[(i + 2)..end].Split(','), number, text))
                    return null;
                i = end;
            }
            else
                text.Append(number);
        }

        return text.ToString();
    }

    // Numbers have 32 bits, as those of others do: what is below 0 is its complement where there is no sign.
    private static bool TryAppend(string[] parts, long number, StringBuilder text)
    {
        var width = 0;
        var form = parts.Length > 2 ? parts[2] : "d";
        if (parts.Length > 3 || !int.TryParse(parts[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var offset)
            || (parts.Length > 1 && !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out width)) || width > 255
            || number + offset > int.MaxValue)
            return false;
        var value = (int)(number + offset);
        switch (form)
        {
            case "d":
                // The width counts the sign.
                text.Append(value.ToString($"D{Math.Max(value < 0 ? width - 1 : width, 1)}", CultureInfo.InvariantCulture));
                return true;
            case "o":
                text.Append(Convert.ToString(value, 8).PadLeft(width, '0'));
                return true;
            case "x" or "X":
                text.Append(value.ToString($"{form}{Math.Max(width, 1)}", CultureInfo.InvariantCulture));
                return true;
            case "n" or "N":
                AppendNibbles((uint)value, width, form == "N", text);
                return true;
            default:
                return false;
        }
    }

    // Hexadecimal digits from the last to the first with dots between, as in ip6.arpa. The width counts dots too, so an even one ends in a dot.
    private static void AppendNibbles(uint value, int width, bool capitals, StringBuilder text)
    {
        do
        {
            text.Append((capitals ? "0123456789ABCDEF" : "0123456789abcdef")[(int)(value & 15)]);
            value >>= 4;
            width--;
            if (value == 0 && width <= 0)
                return;
            text.Append('.');
            width--;
        }
        while (value != 0 || width > 0);
    }
}
