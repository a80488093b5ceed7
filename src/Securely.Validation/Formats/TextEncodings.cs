using System.Text;

namespace Securely.Validation;

/// <summary>Encodings by the names that PHP's multibyte functions use.</summary>
internal static class TextEncodings
{
    private static readonly Dictionary<string, string> Names = new(StringComparer.OrdinalIgnoreCase)
    {
        ["UTF-8"] = "utf-8",
        ["ASCII"] = "us-ascii",
        ["UTF-16"] = "utf-16BE",
        ["UTF-16BE"] = "utf-16BE",
        ["UTF-16LE"] = "utf-16",
        ["UTF-32"] = "utf-32BE",
        ["UTF-32BE"] = "utf-32BE",
        ["UTF-32LE"] = "utf-32",
        ["8bit"] = "iso-8859-1",
        ["7bit"] = "us-ascii",
        ["SJIS"] = "shift_jis",
        ["EUC-JP"] = "euc-jp",
        ["EUC-KR"] = "euc-kr",
        ["UHC"] = "ks_c_5601-1987",
        ["EUC-CN"] = "gb2312",
        ["CP936"] = "gb2312",
        ["GB18030"] = "gb18030",
        ["BIG-5"] = "big5",
        ["KOI8-R"] = "koi8-r",
        ["KOI8-U"] = "koi8-u",
        ["CP866"] = "cp866",
        ["CP850"] = "ibm850",
        ["Windows-1251"] = "windows-1251",
        ["Windows-1252"] = "windows-1252",
        ["Windows-1254"] = "windows-1254",
    };

    public static void Check(RuleUse use)
    {
        var name = use.Parameters[0] ?? "";
        use.Prepared = new Checker(Find(name) ?? throw new RuleException($"Rule [encoding] does not know the encoding [{name}]; write UTF-8, ASCII, ISO-8859-1, UTF-16, Windows-1252 ..."));
    }

    private static Encoding? Find(string name)
    {
        var isLatin = name.StartsWith("ISO-8859-", StringComparison.OrdinalIgnoreCase) && int.TryParse(name.AsSpan(9), out var part) && part is >= 1 and <= 15 and not 12;
        if (!isLatin && !Names.ContainsKey(name))
            return null;
        var known = isLatin ? name : Names[name];
        try
        {
            return CodePagesEncodingProvider.Instance.GetEncoding(known, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback)
                ?? Encoding.GetEncoding(known, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Says whether bytes are text of one encoding. Text of ours counts as its UTF-8 bytes, which is how it came over the wire.</summary>
    public sealed class Checker(Encoding encoding)
    {
        private const int BlockSize = 16 * 1024;

        public bool IsValid(string text)
        {
            try
            {
                if (encoding is UTF8Encoding)
                    return encoding.GetByteCount(text) >= 0;
                encoding.GetCharCount(Encoding.UTF8.GetBytes(text));
                return true;
            }
            catch (Exception fault) when (fault is DecoderFallbackException or EncoderFallbackException)
            {
                return false;
            }
        }

        public async ValueTask<bool> IsValidAsync(Stream stream, CancellationToken cancellationToken)
        {
            var decoder = encoding.GetDecoder();
            var bytes = new byte[BlockSize];
            var letters = new char[encoding.GetMaxCharCount(BlockSize)];
            try
            {
                int read;
                while ((read = await stream.ReadAsync(bytes, cancellationToken).ConfigureAwait(false)) > 0)
                    decoder.GetChars(bytes.AsSpan(0, read), letters, flush: false);
                decoder.GetChars([], letters, flush: true);
                return true;
            }
            catch (DecoderFallbackException)
            {
                return false;
            }
        }
    }
}
