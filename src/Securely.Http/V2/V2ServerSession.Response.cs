using Securely.Net;

namespace Securely.Http;

/// <content>Writing the response.</content>
internal sealed partial class V2ServerSession
{
    public override ValueTask WriteInformationalAsync(ResponseHeader header)
    {
        if (header.StatusCode is < 100 or > 199 or 101)
            throw new ArgumentException($"Status [{header.StatusCode}] is not an informational one.", nameof(header));
        if (ResponseWritten is not null)
            throw new InvalidOperationException("The response's head has been written already.");
        var isContinue = header.StatusCode == 100;
        if ((isContinue && _continueSent) || (IgnoreInformational && !(isContinue && _expectsContinue)))
            return default;
        ThrowIfDead();
        _continueSent |= isContinue;
        _connection.WriteResponse(this, header, header.StatusCode, addDate: false, isEnd: false);
        return default;
    }

    public override void WriteHeader(ResponseHeader header, bool isEnd)
    {
        if (ResponseWritten is not null)
            throw new InvalidOperationException("The response's head has been written already.");
        var isUpgrade = header.StatusCode == 101;
        if (header.StatusCode < 200 && !(isUpgrade && Fields.IsWebSocket))
            throw new InvalidOperationException($"Status [{header.StatusCode}] cannot end an exchange.");
        ThrowIfDead();
        Frame(header, isEnd, isUpgrade);
        _ended = isEnd || _noBody;
        Stream.EndPace();
        ResponseWritten = header;
        // An upgrade over HTTP/2 is a CONNECT that succeeded (RFC 8441 5).
        _connection.WriteResponse(this, header, isUpgrade ? 200 : header.StatusCode, addDate: !isUpgrade, _ended);
    }

    public override ValueTask WriteBodyAsync(ReadOnlyMemory<byte> data, bool isEnd)
    {
        if (ResponseWritten is null)
            throw new InvalidOperationException("Write the response's head before its body.");
        ThrowIfDead();
        if (_ended)
            return default;
        if (_remaining >= 0)
        {
            // What exceeds an announced length is cut (H1S-18).
            if (data.Length > _remaining)
                data = data[..(int)_remaining];
            _remaining -= data.Length;
            if (isEnd && _remaining > 0)
                throw new NetException(NetErrorKind.Internal, "The body is shorter than its Content-Length", ErrorSource.Internal);
        }

        _ended = isEnd;
        BodyBytesSent += data.Length;
        return Stream.WriteDataAsync(data, isEnd);
    }

    public override ValueTask WriteTrailersAsync(HeaderMap? trailers)
    {
        if (_ended)
            return default;
        if (trailers is null || trailers.Count == 0 || ResponseWritten is null)
            return WriteBodyAsync(default, true);
        ThrowIfDead();
        if (_remaining > 0)
            throw new NetException(NetErrorKind.Internal, "The body is shorter than its Content-Length", ErrorSource.Internal);
        _ended = true;
        _connection.WriteTrailers(this, trailers);
        return default;
    }

    public override ValueTask FlushAsync()
    {
        _connection.FlushSoon();
        return default;
    }

    public override ValueTask RespondAsync(ResponseHeader header, ReadOnlyMemory<byte> body)
    {
        ArgumentNullException.ThrowIfNull(header);
        if (!body.IsEmpty || _method != KnownMethod.Head)
            SetLength(header, body.Length);
        WriteHeader(header, body.IsEmpty);
        return WriteBodyAsync(body, true);
    }

    /// <summary>Decides whether a body may follow, and takes out what would contradict it (RFC 9110 6.4.1, RFC 9113 8.1.1).</summary>
    private void Frame(ResponseHeader header, bool isEnd, bool isUpgrade)
    {
        var headers = header.Headers;
        _remaining = -1;
        if (isUpgrade || (_method == KnownMethod.Connect && header.StatusCode is >= 200 and < 300))
        {
            headers.RemoveKnown(KnownHeader.ContentLength);
            return;
        }

        _noBody = _method == KnownMethod.Head || header.StatusCode is 204 or 304;
        if (header.StatusCode == 204)
            headers.RemoveKnown(KnownHeader.ContentLength);
        if (_noBody || !headers.TryGetKnown(KnownHeader.ContentLength, out var value))
            return;
        if (TransferCoding.TryParseLength(value, out var length) && (!isEnd || length == 0))
        {
            TransferCoding.Normalize(headers, value, length);
            _remaining = length;
            _noBody = length == 0;
            return;
        }

        headers.Remove(HeaderName.ContentLength);
    }

    private void ThrowIfDead()
    {
        if (Stream.Failure is { } failure)
            throw failure;
    }
}
