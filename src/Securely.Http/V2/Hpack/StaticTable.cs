using System.Text;

namespace Securely.Http;

/// <summary>The static table of RFC 7541 appendix A. Indexes are the wire's: 1 to <see cref="Count"/>.</summary>
internal static class StaticTable
{
    /// <summary>How many entries there are.</summary>
    public const int Count = 61;

    /// <summary>The entry <c>:authority</c>.</summary>
    public const int Authority = 1;

    /// <summary>The entry <c>:method: GET</c>; POST follows.</summary>
    public const int Method = 2;

    /// <summary>The entry <c>:path: /</c>; <c>/index.html</c> follows.</summary>
    public const int Path = 4;

    /// <summary>The entry <c>:scheme: http</c>; https follows.</summary>
    public const int Scheme = 6;

    /// <summary>The entry <c>:status: 200</c>; 204, 206, 304, 400, 404 and 500 follow.</summary>
    public const int Status = 8;

    /// <summary>The first entry that is a field.</summary>
    public const int FirstField = 15;

    /// <summary>The entry <c>accept-encoding: gzip, deflate</c>.</summary>
    public const int AcceptEncoding = 16;

    private static readonly string[] _texts =
    [
        "",
        ":authority", ":method", ":method", ":path", ":path", ":scheme", ":scheme", ":status", ":status", ":status", ":status", ":status",
        ":status", ":status", "accept-charset", "accept-encoding", "accept-language", "accept-ranges", "accept", "access-control-allow-origin",
        "age", "allow", "authorization", "cache-control", "content-disposition", "content-encoding", "content-language", "content-length",
        "content-location", "content-range", "content-type", "cookie", "date", "etag", "expect", "expires", "from", "host", "if-match",
        "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "last-modified", "link", "location", "max-forwards",
        "proxy-authenticate", "proxy-authorization", "range", "referer", "refresh", "retry-after", "server", "set-cookie",
        "strict-transport-security", "transfer-encoding", "user-agent", "vary", "via", "www-authenticate",
    ];

    private static readonly byte[][] _names = Array.ConvertAll(_texts, Encoding.ASCII.GetBytes);
    private static readonly byte[][] _values = BuildValues();
    private static readonly KnownHeader[] _known = Array.ConvertAll(_names, static name => KnownHeaders.Recognise(name));
    private static readonly byte[] _indexOfKnown = BuildIndexOfKnown();

    /// <summary>The name of an entry.</summary>
    public static ReadOnlySpan<byte> Name(int index) => _names[index];

    /// <summary>The value of an entry; mostly empty.</summary>
    public static ReadOnlySpan<byte> Value(int index) => _values[index];

    /// <summary>Which known name an entry has; unknown for what begins with a colon.</summary>
    public static KnownHeader Known(int index) => _known[index];

    /// <summary>The first entry with a known name; 0 when there is none.</summary>
    public static int IndexOf(KnownHeader known) => _indexOfKnown[(int)known];

    private static byte[][] BuildValues()
    {
        var values = new byte[Count + 1][];
        Array.Fill(values, []);
        (int Index, string Value)[] filled =
        [
            (2, "GET"), (3, "POST"), (4, "/"), (5, "/index.html"), (6, "http"), (7, "https"), (8, "200"), (9, "204"), (10, "206"), (11, "304"),
            (12, "400"), (13, "404"), (14, "500"), (AcceptEncoding, "gzip, deflate"),
        ];
        foreach (var (index, value) in filled)
            values[index] = Encoding.ASCII.GetBytes(value);
        return values;
    }

    private static byte[] BuildIndexOfKnown()
    {
        var indexes = new byte[KnownHeaders.Count];
        for (int index = Count; index >= FirstField; index--)
            indexes[(int)_known[index]] = (byte)index;
        indexes[(int)KnownHeader.Unknown] = 0;
        return indexes;
    }
}
