using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Securely.Http;

/// <summary>
/// Maps header names to <see cref="KnownHeader"/> and back. The order of the names is the order of the enum; a test says so.
/// </summary>
internal static class KnownHeaders
{
    /// <summary>The length of the longest known name.</summary>
    public const int LongestName = 32;

    private const int TableSize = 512;
    private const int ShortestName = 2;

    private static readonly string[] Texts =
    [
        "",
        "Connection", "Content-Length", "Host", "Transfer-Encoding", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate",
        "Proxy-Authorization", "TE", "Trailer", "Upgrade", "Expect", "Date", "Server", "Forwarded", "X-Forwarded-For",
        "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Real-IP", "Via", "Authorization", "Cookie", "Set-Cookie",
        "Content-Type", "Content-Encoding", "Content-Range", "Location", "Max-Forwards", "HTTP2-Settings", "Proxy-Authentication-Info",
        "Accept-Encoding", "Cache-Control", "Age", "Expires", "ETag", "Last-Modified", "Vary", "If-Match", "If-Modified-Since",
        "If-None-Match", "If-Range", "If-Unmodified-Since", "Range", "Accept-Ranges", "WWW-Authenticate", "Retry-After", "User-Agent",
        "Accept", "Referer", "Origin", "X-Request-Id", "Accept-Charset", "Accept-Language", "Access-Control-Allow-Credentials",
        "Access-Control-Allow-Headers", "Access-Control-Allow-Methods", "Access-Control-Allow-Origin", "Access-Control-Expose-Headers",
        "Access-Control-Max-Age", "Access-Control-Request-Headers", "Access-Control-Request-Method", "Allow", "Alt-Svc",
        "Authentication-Info", "Content-Disposition", "Content-Language", "Content-Location", "Content-Security-Policy", "DNT",
        "Early-Data", "From", "Link", "Pragma", "Priority", "Refresh", "Sec-WebSocket-Accept", "Sec-WebSocket-Extensions",
        "Sec-WebSocket-Key", "Sec-WebSocket-Protocol", "Sec-WebSocket-Version", "Strict-Transport-Security", "Traceparent", "Tracestate",
        "Upgrade-Insecure-Requests", "X-Content-Type-Options", "X-Frame-Options",
    ];

    private static readonly byte[][] Names = Array.ConvertAll(Texts, Encoding.ASCII.GetBytes);

    /// <summary>For every byte of a name: 0xDF where case is ignored (letters), 0xFF elsewhere.</summary>
    private static readonly byte[][] Masks = Array.ConvertAll(Names, static name => Array.ConvertAll(name, MaskOf));

    private static readonly byte[] NextOfSameSlot = new byte[Texts.Length];
    private static readonly byte[] FirstOfSlot = BuildTable();

    /// <summary>How many names there are, the unknown one included.</summary>
    public static int Count => Texts.Length;

    /// <summary>The usual spelling of a known name; empty for <see cref="KnownHeader.Unknown"/>.</summary>
    public static ReadOnlySpan<byte> Name(KnownHeader known) => Names[(int)known];

    /// <summary>The usual spelling of a known name as a string that already exists.</summary>
    public static string Text(KnownHeader known) => Texts[(int)known];

    /// <summary>Which known name these bytes are, whatever their case.</summary>
    public static KnownHeader Recognise(ReadOnlySpan<byte> name)
    {
        if ((uint)(name.Length - ShortestName) > LongestName - ShortestName)
        {
            return KnownHeader.Unknown;
        }

        int candidate = FirstOfSlot[Slot(name)];
        while (candidate != 0)
        {
            if (Names[candidate].Length == name.Length && EqualsMasked(name, Names[candidate], Masks[candidate]))
            {
                return (KnownHeader)candidate;
            }

            candidate = NextOfSameSlot[candidate];
        }

        return KnownHeader.Unknown;
    }

    private static int Slot(ReadOnlySpan<byte> name)
    {
        uint first = name[0] | 0x20u;
        uint middle = name[name.Length >> 1] | 0x20u;
        uint last = name[^1] | 0x20u;
        return (int)((((uint)name.Length * 31) + (first * 7) + (middle * 67) + (last * 151)) & (TableSize - 1));
    }

    private static bool EqualsMasked(ReadOnlySpan<byte> name, byte[] expected, byte[] mask)
    {
        ref byte a = ref MemoryMarshal.GetReference(name);
        ref byte b = ref MemoryMarshal.GetArrayDataReference(expected);
        ref byte m = ref MemoryMarshal.GetArrayDataReference(mask);
        int length = name.Length;
        if (length < sizeof(ulong))
        {
            int difference = 0;
            for (int i = 0; i < length; i++)
            {
                difference |= (Unsafe.Add(ref a, i) ^ Unsafe.Add(ref b, i)) & Unsafe.Add(ref m, i);
            }

            return difference == 0;
        }

        // The last word overlaps the one before it, so no tail is left over.
        ulong differences = DifferenceAt(ref a, ref b, ref m, length - sizeof(ulong));
        for (int i = 0; i < length - sizeof(ulong); i += sizeof(ulong))
        {
            differences |= DifferenceAt(ref a, ref b, ref m, i);
        }

        return differences == 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong DifferenceAt(ref byte a, ref byte b, ref byte mask, int offset) =>
        (Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref a, offset)) ^ Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref b, offset)))
        & Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref mask, offset));

    private static byte MaskOf(byte letter) => char.IsAsciiLetter((char)letter) ? (byte)0xDF : (byte)0xFF;

    private static byte[] BuildTable()
    {
        var first = new byte[TableSize];
        for (int known = Names.Length - 1; known > 0; known--)
        {
            int slot = Slot(Names[known]);
            NextOfSameSlot[known] = first[slot];
            first[slot] = (byte)known;
        }

        return first;
    }
}
