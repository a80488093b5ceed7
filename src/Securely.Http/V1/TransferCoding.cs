using System.Buffers.Text;
using System.Text;

namespace Securely.Http;

/// <summary>Reads Transfer-Encoding and Content-Length (RFC 9112 6; rows H1S-05, A2, A5).</summary>
internal static class TransferCoding
{
    private const int LongestLength = 19;

    /// <summary>What all Transfer-Encoding fields of a message say together.</summary>
    public enum Kind : byte
    {
        /// <summary>Exactly one coding, <c>chunked</c>, without parameters.</summary>
        Chunked,

        /// <summary>Exactly one coding, <c>identity</c>, which some old servers send.</summary>
        Identity,

        /// <summary>Not a list, or <c>chunked</c> is last but not alone, not once, or not bare.</summary>
        Malformed,

        /// <summary>A registered coding is last, so the end of the body cannot be found.</summary>
        NotChunked,

        /// <summary>The last coding is not known.</summary>
        Unknown,
    }

    /// <summary>Reads all Transfer-Encoding fields as one list; at least one is present.</summary>
    public static Kind Read(HeaderMap headers)
    {
        int codings = 0;
        ReadOnlySpan<byte> last = default;
        for (int index = headers.IndexOfKnown(KnownHeader.TransferEncoding); index >= 0;
            index = headers.IndexOfKnown(KnownHeader.TransferEncoding, index + 1))
        {
            foreach (var coding in new HeaderList(headers.ValueAt(index)))
            {
                int parameters = coding.IndexOf((byte)';');
                var name = parameters < 0 ? coding : HttpTokens.Trim(coding[..parameters]);
                if (!HttpTokens.IsToken(name) || (parameters >= 0 && Ascii.EqualsIgnoreCase(name, "chunked"u8)))
                {
                    return Kind.Malformed;
                }

                codings++;
                last = name;
            }
        }

        if (Ascii.EqualsIgnoreCase(last, "chunked"u8))
        {
            return codings == 1 ? Kind.Chunked : Kind.Malformed;
        }

        if (codings == 1 && Ascii.EqualsIgnoreCase(last, "identity"u8))
        {
            return Kind.Identity;
        }

        return IsRegistered(last) ? Kind.NotChunked : Kind.Unknown;
    }

    /// <summary>
    /// Writes a length without the zeros that it came with: who reads those as octal must not be told another length than the one that was read.
    /// </summary>
    public static void Normalize(HeaderMap headers, ReadOnlySpan<byte> value, long length)
    {
        if (value[0] != '0' || value.Length == 1)
        {
            return;
        }

        Span<byte> digits = stackalloc byte[LongestLength];
        Utf8Formatter.TryFormat(length, digits, out int written);
        headers.SetKnown(KnownHeader.ContentLength, digits[..written]);
    }

    /// <summary>
    /// Reads a length: one to nineteen digits and nothing else, so no sign, no list, no blanks; false also when it does not fit.
    /// </summary>
    public static bool TryParseLength(ReadOnlySpan<byte> value, out long length)
    {
        length = 0;
        if (value.IsEmpty || value.Length > LongestLength)
        {
            return false;
        }

        ulong sum = 0;
        foreach (byte digit in value)
        {
            uint number = (uint)digit - '0';
            if (number > 9)
            {
                return false;
            }

            sum = (sum * 10) + number;
        }

        length = (long)sum;
        return sum <= long.MaxValue;
    }

    private static bool IsRegistered(ReadOnlySpan<byte> coding) =>
        Ascii.EqualsIgnoreCase(coding, "gzip"u8) || Ascii.EqualsIgnoreCase(coding, "deflate"u8)
        || Ascii.EqualsIgnoreCase(coding, "compress"u8) || Ascii.EqualsIgnoreCase(coding, "identity"u8)
        || Ascii.EqualsIgnoreCase(coding, "x-gzip"u8) || Ascii.EqualsIgnoreCase(coding, "x-compress"u8);
}
