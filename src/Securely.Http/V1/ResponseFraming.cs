namespace Securely.Http;

/// <summary>Decides where a response ends (RFC 9112 6.3; rows H1C-03, H1C-04, A21).</summary>
internal static class ResponseFraming
{
    /// <summary>
    /// Reads the framing and removes the length fields that contradict it, so that what is forwarded cannot be read in another way; false
    /// when the response is refused.
    /// </summary>
    /// <param name="response">The head.</param>
    /// <param name="request">The method that it answers.</param>
    /// <param name="upgradeRequested">Whether the request asked for an upgrade.</param>
    /// <param name="allowInvalidLength">Whether a repeated or malformed Content-Length makes the body end at close instead of an
    /// error.</param>
    /// <param name="framing">The framing; of a 1xx only that it has no body.</param>
    /// <param name="error">Why it is refused: always 502.</param>
    public static bool TryRead(
        ResponseHeader response, KnownMethod request, bool upgradeRequested, bool allowInvalidLength,
        out MessageFraming framing, ref HeadError error)
    {
        var headers = response.Headers;
        var options = KeepAlive.ReadOptions(headers);
        framing = default;
        if ((options & ConnectionOptions.TooMany) != ConnectionOptions.None)
        {
            return Refuse(KeepAlive.TooManyNames, ref error);
        }

        framing.KeepAlive = KeepAlive.Decide(response.Version, options);
        framing.KeepAliveTimeout = KeepAlive.ReadTimeout(headers);
        if (response.IsInformational)
        {
            RemoveLengths(headers);
            return response.StatusCode != 101 || ReadUpgrade(response, options, upgradeRequested, ref framing, ref error);
        }

        if (request == KnownMethod.Connect && response.StatusCode is >= 200 and < 300)
        {
            RemoveLengths(headers);
            framing.Body = BodyFraming.Tunnel;
            framing.KeepAlive = false;
            return true;
        }

        if (headers.ContainsKnown(KnownHeader.TransferEncoding))
        {
            if (!ReadCoding(response, ref framing, ref error))
            {
                return false;
            }
        }
        else if (!ReadLength(headers, allowInvalidLength, ref framing, ref error))
        {
            return false;
        }

        if (request == KnownMethod.Head || response.StatusCode is 204 or 304)
        {
            framing.Body = BodyFraming.None;
            framing.Length = 0;
            if (response.StatusCode == 204)
            {
                RemoveLengths(headers);
            }
        }
        else if (framing.Body == BodyFraming.UntilClose)
        {
            framing.KeepAlive = false;
        }

        return true;
    }

    private static bool ReadUpgrade(
        ResponseHeader response, ConnectionOptions options, bool upgradeRequested, ref MessageFraming framing, ref HeadError error)
    {
        if (!upgradeRequested || response.Version != HttpVersion.Http11)
        {
            return Refuse("The upstream switches protocols without being asked", ref error);
        }

        framing.Body = BodyFraming.Tunnel;
        framing.KeepAlive = false;
        framing.Upgrade = KeepAlive.AsksForUpgrade(response.Headers, options);
        return true;
    }

    private static bool ReadCoding(ResponseHeader response, ref MessageFraming framing, ref HeadError error)
    {
        var headers = response.Headers;
        if (headers.ContainsKnown(KnownHeader.ContentLength))
        {
            return Refuse("The response has both Content-Length and Transfer-Encoding", ref error);
        }

        if (response.Version == HttpVersion.Http10)
        {
            framing.KeepAlive = false;
        }

        switch (TransferCoding.Read(headers))
        {
            case TransferCoding.Kind.Chunked:
                framing.Body = BodyFraming.Chunked;
                return true;
            case TransferCoding.Kind.Identity:
                framing.Body = BodyFraming.UntilClose;
                framing.KeepAlive = false;
                return true;
            default:
                return Refuse("Transfer-Encoding is not exactly chunked", ref error);
        }
    }

    private static bool ReadLength(HeaderMap headers, bool allowInvalid, ref MessageFraming framing, ref HeadError error)
    {
        framing.Body = BodyFraming.UntilClose;
        if (!headers.TryGetKnown(KnownHeader.ContentLength, out var value))
        {
            return true;
        }

        if (headers.CountKnown(KnownHeader.ContentLength) == 1 && TransferCoding.TryParseLength(value, out framing.Length))
        {
            framing.Body = framing.Length == 0 ? BodyFraming.None : BodyFraming.ContentLength;
            return true;
        }

        framing.Length = 0;
        framing.KeepAlive = false;
        headers.RemoveKnown(KnownHeader.ContentLength);
        return allowInvalid || Refuse("Content-Length is repeated or not a number", ref error);
    }

    private static void RemoveLengths(HeaderMap headers) =>
        headers.RemoveKnown((1UL << (int)KnownHeader.ContentLength) | (1UL << (int)KnownHeader.TransferEncoding));

    private static bool Refuse(string problem, ref HeadError error)
    {
        error = new HeadError(502, problem);
        return false;
    }
}
