using System.Text;

namespace Securely.Http;

/// <summary>
/// Decides where a request ends and whether its fields may be trusted (RFC 9112 3.2, 6; rows A1 to A5, A12, H1S-05, H1S-06).
/// </summary>
internal static class RequestFraming
{
    private const ulong Framing = (1UL << (int)KnownHeader.ContentLength) | (1UL << (int)KnownHeader.TransferEncoding)
        | (1UL << (int)KnownHeader.Connection) | (1UL << (int)KnownHeader.Expect) | (1UL << (int)KnownHeader.KeepAlive);

    /// <summary>
    /// Checks the Host field, replaces it by the host of an absolute target, and reads the framing; false when the request is refused.
    /// A request body is never delimited by close.
    /// </summary>
    public static bool TryRead(RequestHeader request, HttpLimits limits, out MessageFraming framing, ref HeadError error)
    {
        framing = default;
        framing.KeepAlive = request.Version != HttpVersion.Http10;
        framing.KeepAliveTimeout = -1;
        if (!CheckHost(request, ref error))
        {
            return false;
        }

        var headers = request.Headers;
        if ((headers.Present & Framing) == 0)
        {
            return true;
        }

        var options = KeepAlive.ReadOptions(headers);
        if ((options & ConnectionOptions.TooMany) != ConnectionOptions.None)
        {
            return Refuse(400, KeepAlive.TooManyNames, ref error);
        }

        framing.KeepAlive = KeepAlive.Decide(request.Version, options);
        framing.KeepAliveTimeout = KeepAlive.ReadTimeout(headers);
        if (request.Version == HttpVersion.Http11)
        {
            framing.Upgrade = KeepAlive.AsksForUpgrade(headers, options);
            framing.ExpectsContinue = ReadExpectation(headers);
        }

        return ReadBody(request, limits, ref framing, ref error);
    }

    private static bool ReadExpectation(HeaderMap headers)
    {
        for (int index = headers.IndexOfKnown(KnownHeader.Expect); index >= 0; index = headers.IndexOfKnown(KnownHeader.Expect, index + 1))
        {
            foreach (var expectation in new HeaderList(headers.ValueAt(index)))
            {
                if (Ascii.EqualsIgnoreCase(expectation, "100-continue"u8))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static bool ReadBody(RequestHeader request, HttpLimits limits, ref MessageFraming framing, ref HeadError error)
    {
        var headers = request.Headers;
        if (headers.ContainsKnown(KnownHeader.TransferEncoding))
        {
            framing.Body = BodyFraming.Chunked;
            return CheckCoding(request, ref error);
        }

        if (!headers.TryGetKnown(KnownHeader.ContentLength, out var value))
        {
            return true;
        }

        if (headers.CountKnown(KnownHeader.ContentLength) > 1)
        {
            return Refuse(400, "There are two Content-Length fields", ref error);
        }

        if (!TransferCoding.TryParseLength(value, out framing.Length))
        {
            return Refuse(400, "Content-Length is not a number", ref error);
        }

        if (framing.Length == 0)
        {
            return true;
        }

        if (request.MethodKind == KnownMethod.Connect)
        {
            return Refuse(400, "A CONNECT request has a body", ref error);
        }

        framing.Body = BodyFraming.ContentLength;
        return limits.Body == 0 || framing.Length <= limits.Body || Refuse(413, "Content-Length is over the limit", ref error);
    }

    private static bool CheckCoding(RequestHeader request, ref HeadError error)
    {
        if (request.Version == HttpVersion.Http10)
        {
            return Refuse(400, "An HTTP/1.0 request has Transfer-Encoding", ref error);
        }

        if (request.Headers.ContainsKnown(KnownHeader.ContentLength))
        {
            return Refuse(400, "The request has both Content-Length and Transfer-Encoding", ref error);
        }

        if (request.MethodKind == KnownMethod.Connect)
        {
            return Refuse(400, "A CONNECT request has a body", ref error);
        }

        return TransferCoding.Read(request.Headers) switch
        {
            TransferCoding.Kind.Chunked => true,
            TransferCoding.Kind.Unknown => Refuse(501, "Transfer-Encoding ends in a coding that is not known", ref error),
            _ => Refuse(400, "Transfer-Encoding is not exactly chunked", ref error),
        };
    }

    private static bool CheckHost(RequestHeader request, ref HeadError error)
    {
        var headers = request.Headers;
        if (!headers.TryGetKnown(KnownHeader.Host, out var host))
        {
            if (request.Version != HttpVersion.Http10)
            {
                return Refuse(400, "The Host field is missing", ref error);
            }
        }
        else if (headers.IndexOfKnown(KnownHeader.Host, headers.IndexOfKnown(KnownHeader.Host) + 1) >= 0)
        {
            return Refuse(400, "There are two Host fields", ref error);
        }
        else if (!RequestTarget.IsHost(host))
        {
            return Refuse(400, "The Host field is not a host", ref error);
        }

        if (request.TargetForm == TargetForm.Absolute)
        {
            request.TakeHostFromTarget();
        }

        return true;
    }

    private static bool Refuse(int statusCode, string problem, ref HeadError error)
    {
        error = new HeadError(statusCode, problem);
        return false;
    }
}
