using System.Text;

namespace Securely.Http;

/// <summary>What the encoder does with a field.</summary>
internal enum FieldIndexing : byte
{
    /// <summary>It is put into the dynamic table.</summary>
    Index,

    /// <summary>It is written as a literal: it would drive out what comes again.</summary>
    Literal,

    /// <summary>It is written as a literal that nobody may index: who can add fields to the connection could else guess it (RFC 7541 7.1).</summary>
    Never,
}

/// <summary>What the encoder does with the known fields.</summary>
internal static class FieldPolicy
{
    /// <summary>A cookie that is shorter could be guessed (RFC 7541 7.1.3).</summary>
    private const int LongCookie = 20;

    private static readonly FieldIndexing[] _byName = Build();
    private static readonly byte[][] _lowerCaseNames = BuildNames();

    /// <summary>A known name as HTTP/2 writes it.</summary>
    public static ReadOnlySpan<byte> LowerCaseName(KnownHeader known) => _lowerCaseNames[(int)known];

    /// <summary>What to do with a field.</summary>
    /// <param name="known">Its known name.</param>
    /// <param name="valueLength">How long its value is.</param>
    public static FieldIndexing Of(KnownHeader known, int valueLength)
    {
        var indexing = _byName[(int)known];
        return known == KnownHeader.Cookie && valueLength < LongCookie ? FieldIndexing.Never : indexing;
    }

    private static FieldIndexing[] Build()
    {
        var policies = new FieldIndexing[KnownHeaders.Count];
        ReadOnlySpan<KnownHeader> never =
        [
            KnownHeader.Authorization, KnownHeader.ProxyAuthorization, KnownHeader.SetCookie, KnownHeader.AuthenticationInfo,
            KnownHeader.ProxyAuthenticationInfo,
        ];
        // An upstream's connection is shared by many clients, so that their cookies take turns.
        ReadOnlySpan<KnownHeader> literal =
        [
            KnownHeader.Age, KnownHeader.ContentLength, KnownHeader.ContentRange, KnownHeader.Cookie, KnownHeader.ETag, KnownHeader.Expires,
            KnownHeader.Forwarded, KnownHeader.IfMatch, KnownHeader.IfModifiedSince, KnownHeader.IfNoneMatch, KnownHeader.IfRange,
            KnownHeader.IfUnmodifiedSince, KnownHeader.LastModified, KnownHeader.Link, KnownHeader.Location, KnownHeader.ProxyAuthenticate,
            KnownHeader.Range, KnownHeader.RetryAfter, KnownHeader.SecWebSocketAccept, KnownHeader.SecWebSocketKey, KnownHeader.Traceparent,
            KnownHeader.Tracestate, KnownHeader.WwwAuthenticate, KnownHeader.XRequestId,
        ];
        foreach (var known in never)
            policies[(int)known] = FieldIndexing.Never;
        foreach (var known in literal)
            policies[(int)known] = FieldIndexing.Literal;
        return policies;
    }

    private static byte[][] BuildNames()
    {
        var names = new byte[KnownHeaders.Count][];
        for (int known = 0; known < names.Length; known++)
            names[known] = Encoding.ASCII.GetBytes(KnownHeaders.Text((KnownHeader)known).ToLowerInvariant());
        return names;
    }
}
