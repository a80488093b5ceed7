using System.Text;

namespace Securely.Http;

/// <summary>
/// What a proxy must not pass on (RFC 9110 7.6.1, 6.5.1; rows A8, A14). Safe to call from any thread on a map of one's own.
/// </summary>
public static class HeaderRules
{
    private const ulong HopByHop = (1UL << (int)KnownHeader.Connection) | (1UL << (int)KnownHeader.KeepAlive)
        | (1UL << (int)KnownHeader.ProxyConnection) | (1UL << (int)KnownHeader.ProxyAuthenticate)
        | (1UL << (int)KnownHeader.ProxyAuthorization) | (1UL << (int)KnownHeader.TE) | (1UL << (int)KnownHeader.Trailer)
        | (1UL << (int)KnownHeader.TransferEncoding) | (1UL << (int)KnownHeader.Upgrade);

    /// <summary>What a Connection field may not nominate: taking it away would change where a message goes, ends, or comes from.</summary>
    private const ulong Protected = (1UL << (int)KnownHeader.Host) | (1UL << (int)KnownHeader.ContentLength)
        | (1UL << (int)KnownHeader.Authorization) | (1UL << (int)KnownHeader.Forwarded) | (1UL << (int)KnownHeader.XForwardedFor)
        | (1UL << (int)KnownHeader.XForwardedHost) | (1UL << (int)KnownHeader.XForwardedProto) | (1UL << (int)KnownHeader.XForwardedPort);

    /// <summary>
    /// Framing, routing, authentication, and what decides how the content is handled: it has to be known before the content. Content-Digest
    /// and other unlisted names are made for trailers and stay.
    /// </summary>
    private const ulong ForbiddenInTrailers = HopByHop | Protected
        | (1UL << (int)KnownHeader.XRealIp) | (1UL << (int)KnownHeader.Via) | (1UL << (int)KnownHeader.Expect)
        | (1UL << (int)KnownHeader.MaxForwards) | (1UL << (int)KnownHeader.Http2Settings) | (1UL << (int)KnownHeader.WwwAuthenticate)
        | (1UL << (int)KnownHeader.ProxyAuthenticationInfo) | (1UL << (int)KnownHeader.Cookie) | (1UL << (int)KnownHeader.SetCookie)
        | (1UL << (int)KnownHeader.ContentType) | (1UL << (int)KnownHeader.ContentEncoding) | (1UL << (int)KnownHeader.ContentRange)
        | (1UL << (int)KnownHeader.CacheControl) | (1UL << (int)KnownHeader.Age) | (1UL << (int)KnownHeader.Expires)
        | (1UL << (int)KnownHeader.Date) | (1UL << (int)KnownHeader.Location) | (1UL << (int)KnownHeader.RetryAfter)
        | (1UL << (int)KnownHeader.Vary) | (1UL << (int)KnownHeader.IfMatch) | (1UL << (int)KnownHeader.IfNoneMatch)
        | (1UL << (int)KnownHeader.IfModifiedSince) | (1UL << (int)KnownHeader.IfUnmodifiedSince) | (1UL << (int)KnownHeader.IfRange)
        | (1UL << (int)KnownHeader.Range);

    private static ReadOnlySpan<byte> ForwardedPrefix => "X-Forwarded-"u8;

    /// <summary>
    /// Removes what belongs to one connection only: Connection and every field that it names, Keep-Alive, Proxy-Connection,
    /// Proxy-Authenticate, Proxy-Authorization, TE except <c>trailers</c>, Trailer, Transfer-Encoding and Upgrade.
    /// </summary>
    /// <remarks>
    /// Read the framing first, and call this before any filter adds fields, or a peer could nominate them. Host, Content-Length,
    /// Authorization, Forwarded and X-Forwarded-* stay although they are nominated. A map that has none of these fields costs one test.
    /// </remarks>
    /// <param name="headers">The fields of a request or a response.</param>
    /// <param name="keepUpgrade">Whether Upgrade stays, because a real upgrade is passed on; Connection is removed all the same.</param>
    public static void RemoveHopByHop(HeaderMap headers, bool keepUpgrade = false)
    {
        ArgumentNullException.ThrowIfNull(headers);
        ulong present = headers.Present & HopByHop;
        if (present == 0)
        {
            return;
        }

        while (headers.IndexOfKnown(KnownHeader.Connection) is >= 0 and var index)
        {
            // Removing an entry leaves its bytes where they are, so the value can be read on.
            var value = headers.ValueAt(index);
            headers.RemoveAt(index);
            RemoveNominated(headers, value);
        }

        bool keepTrailers = headers.ContainsKnown(KnownHeader.TE) && AcceptsTrailers(headers);
        headers.RemoveKnown(keepUpgrade ? HopByHop & ~(1UL << (int)KnownHeader.Upgrade) : HopByHop);
        if (keepTrailers)
        {
            headers.AppendKnown(KnownHeader.TE, "trailers"u8);
        }
    }

    /// <summary>Removes from a trailer section what may not be there (RFC 9110 6.5.1), so that it is never merged into a head.</summary>
    internal static void RemoveForbiddenTrailers(HeaderMap trailers)
    {
        trailers.RemoveKnown(ForbiddenInTrailers);
        trailers.RemoveKnown(KnownHeader.ContentDisposition);
        trailers.RemoveKnown(KnownHeader.ContentLanguage);
        trailers.RemoveKnown(KnownHeader.ContentLocation);
        trailers.RemoveKnown(KnownHeader.ContentSecurityPolicy);
        trailers.RemoveKnown(KnownHeader.Pragma);
        for (int index = trailers.Count - 1; index >= 0; index--)
        {
            if (IsForwardedName(trailers[index].Name))
            {
                trailers.RemoveAt(index);
            }
        }
    }

    private static void RemoveNominated(HeaderMap headers, ReadOnlySpan<byte> value)
    {
        foreach (var name in new HeaderList(value))
        {
            if (KeepAlive.Recognise(name) != ConnectionOptions.None)
            {
                continue;
            }

            var known = KnownHeaders.Recognise(name);
            if (known == KnownHeader.Unknown)
            {
                if (!IsForwardedName(name))
                {
                    headers.RemoveOther(name);
                }
            }
            else if (known >= (KnownHeader)64 || (((HopByHop | Protected) >> (int)known) & 1) == 0)
            {
                headers.RemoveKnown(known);
            }
        }
    }

    private static bool AcceptsTrailers(HeaderMap headers)
    {
        for (int index = headers.IndexOfKnown(KnownHeader.TE); index >= 0; index = headers.IndexOfKnown(KnownHeader.TE, index + 1))
        {
            foreach (var coding in new HeaderList(headers.ValueAt(index)))
            {
                if (Ascii.EqualsIgnoreCase(coding, "trailers"u8))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static bool IsForwardedName(ReadOnlySpan<byte> name) =>
        name.Length >= ForwardedPrefix.Length && Ascii.EqualsIgnoreCase(name[..ForwardedPrefix.Length], ForwardedPrefix);
}
