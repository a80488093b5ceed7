using static Securely.Validation.BuiltInRules;

namespace Securely.Validation;

/// <summary>Rules about texts with a grammar of their own.</summary>
internal static class FormatRules
{
    public static readonly RuleDefinition[] All =
    [
        new() { Name = "email", CheckAsync = IsEmailAsync },
        Rule("url", context => context.Value.AsText is { } text && UrlSyntax.IsValid(text, context.Parameters)),
        Rule("uuid", context => context.Value.AsText is { } text && UuidSyntax.IsValid(text, context.Parameters.Count == 1 ? context.Text(0) : null)),
        Rule("ulid", context => context.Value.AsText is { } text && IsUlid(text)),
        Rule("json", context => IsJson(context.Value)),
        Rule("hex_color", context => context.Value.AsText is { } text && IsHexColor(text)),
        Rule("mac_address", context => IsMacAddress(PhpText.Of(context.Value))),
        Rule("base64", context => context.Value.AsText is { } text && IsBase64(text)),
        Rule("timezone", context => context.Value.AsText is { } text && Timezones.Contains(text, context.Parameter(0), context.Parameter(1)), prepare: Timezones.Check),
        new() { Name = "encoding", CheckAsync = IsEncodedAsync, MinimumParameters = 1, Traits = RuleTraits.File, Prepare = TextEncodings.Check },
    ];

    private static async ValueTask<bool> IsEmailAsync(RuleContext context, CancellationToken cancellationToken)
    {
        if (context.Value.AsText is not { } text || text.AsSpan().IndexOfAny('\r', '\n') >= 0)
            return false;
        if (context.Parameters.Count == 0)
            return EmailSyntax.IsValid(text, isStrict: false);
        foreach (var check in context.Parameters)
        {
            var passes = check switch
            {
                "strict" => EmailSyntax.IsValid(text, isStrict: true),
                "dns" => await context.Options.Hosts.AcceptsMailAsync(EmailSyntax.DomainOf(text), cancellationToken).ConfigureAwait(false),
                "spoof" => !UnicodeScripts.IsMixed(text),
                "filter" => FilterEmail.IsValid(text, allowsUnicode: false),
                "filter_unicode" => FilterEmail.IsValid(text, allowsUnicode: true),
                _ => EmailSyntax.IsValid(text, isStrict: false),
            };
            if (!passes)
                return false;
        }

        return true;
    }

    private static async ValueTask<bool> IsEncodedAsync(RuleContext context, CancellationToken cancellationToken)
    {
        var encoding = (TextEncodings.Checker)context.Use.Prepared!;
        if (context.Value.AsUpload is not { } upload)
            return IsEncoded(context.Value, encoding);
        var stream = upload.OpenRead();
        await using (stream.ConfigureAwait(false))
            return await encoding.IsValidAsync(stream, cancellationToken).ConfigureAwait(false);
    }

    private static bool IsEncoded(FieldValue value, TextEncodings.Checker encoding)
    {
        if (!value.IsArray)
            return encoding.IsValid(PhpText.Of(value));
        foreach (var (key, inner) in value.Entries())
        {
            if (!encoding.IsValid(key) || !IsEncoded(inner, encoding))
                return false;
        }

        return true;
    }

    /// <summary>Twenty-six characters of Crockford's alphabet, of which the first is at most 7.</summary>
    private static bool IsUlid(string text) =>
        text.Length == 26 && text[0] <= '7' && text.All(letter => char.IsAsciiLetterOrDigit(letter) && !"ILOUilou".Contains(letter, StringComparison.Ordinal));

    private static bool IsJson(FieldValue value)
    {
        if (value.IsNull || value.IsArray || value.Kind == FieldKind.Upload)
            return false;
        var text = PhpText.Of(value);
        return text.Length > 0 && JsonSyntax.IsValid(text);
    }

    private static bool IsHexColor(string text)
    {
        var digits = text.EndsWith('\n') ? text.AsSpan(0, text.Length - 1) : text.AsSpan();
        return digits.Length is 4 or 5 or 7 or 9 && digits[0] == '#' && !digits[1..].ContainsAnyExcept(Letters.Hex);
    }

    /// <summary>Six octets between colons or hyphens, or three groups of four digits between dots.</summary>
    private static bool IsMacAddress(string text)
    {
        var (size, separator) = text.Length switch
        {
            17 => (2, text[2]),
            14 => (4, '.'),
            _ => (0, '\0'),
        };
        if (size == 0 || (size == 2 && separator is not (':' or '-')))
            return false;
        for (var i = 0; i < text.Length; i++)
        {
            if ((i + 1) % (size + 1) == 0 ? text[i] != separator : !char.IsAsciiHexDigit(text[i]))
                return false;
        }

        return true;
    }

    /// <summary>Whole groups of four, padding at the end only, and no bits that decoding would lose.</summary>
    private static bool IsBase64(string text)
    {
        if (text.Length == 0 || text.Length % 4 != 0)
            return false;
        var body = text.AsSpan().TrimEnd('=');
        var padding = text.Length - body.Length;
        if (padding > 2 || body.ContainsAnyExcept(Letters.Base64))
            return false;
        var last = padding == 0 ? 0 : Letters.Base64Alphabet.IndexOf(body[^1], StringComparison.Ordinal);
        return (last & (padding == 1 ? 3 : padding == 2 ? 15 : 0)) == 0;
    }
}
