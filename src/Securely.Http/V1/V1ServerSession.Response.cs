using System.Runtime.CompilerServices;

namespace Securely.Http;

/// <content>Writing the response.</content>
internal sealed partial class V1ServerSession
{
    // "Date: " + value + CRLF + "Connection: keep-alive" CRLF + "Transfer-Encoding: chunked" CRLF + CRLF, rounded up.
    private const int MostAddedBytes = 128;

    // What may be read of a body that nobody wants, so that its connection can live on.
    private const int MostDiscarded = 64 * 1024;

    public override ValueTask WriteInformationalAsync(ResponseHeader header)
    {
        if (header.StatusCode is < 100 or > 199 or 101)
            throw new ArgumentException($"Status [{header.StatusCode}] is not an informational one.", nameof(header));
        if (ResponseWritten is not null)
            throw new InvalidOperationException("The response's head has been written already.");
        var isContinue = header.StatusCode == 100;
        if (_version == HttpVersion.Http10 || (isContinue && _continueSent) || (IgnoreInformational && !(isContinue && _framing.ExpectsContinue)))
            return default;
        _continueSent |= isContinue;
        header.Version = HttpVersion.Http11;
        _output.Advance(HeaderSerializer.Write(header, _output.GetSpan(HeaderSerializer.GetMaxLength(header))));
        return _output.FlushAsync();
    }

    public override void WriteHeader(ResponseHeader header, bool isEnd)
    {
        if (ResponseWritten is not null)
            throw new InvalidOperationException("The response's head has been written already.");
        if (header.StatusCode < 200 && header.StatusCode != 101)
            throw new InvalidOperationException($"Status [{header.StatusCode}] cannot end an exchange.");
        var headers = header.Headers;
        var (framing, length) = Frame(header, isEnd);
        var isUpgrade = header.StatusCode == 101;
        var upgrade = isUpgrade ? "Connection: upgrade\r\n"u8 : default;
        // A request that is not fully read would leave its rest to be taken for the next one (H1S-09).
        if (!_input.IsBodyEnded || _shutdown.IsCancellationRequested || IsLastAllowed())
            _keepAlive = false;
        headers.Remove(HeaderName.Connection);
        header.Version = HttpVersion.Http11;
        var span = _output.GetSpan(HeaderSerializer.GetMaxLength(header) + MostAddedBytes);
        var written = HeaderSerializer.Write(header, span) - 2;
        if (!headers.ContainsKnown(KnownHeader.Date) && !isUpgrade)
        {
            written = Put("Date: "u8, span, written);
            written = Put(HttpDate.Get(_worker), span, written);
            written = Put("\r\n"u8, span, written);
        }

        written = Put(isUpgrade ? upgrade : _keepAlive ? "Connection: keep-alive\r\n"u8 : "Connection: close\r\n"u8, span, written);
        if (framing == BodyFraming.Chunked)
            written = Put("Transfer-Encoding: chunked\r\n"u8, span, written);
        else if (framing == BodyFraming.None && isEnd && NeedsLength(header))
            written = Put("Content-Length: 0\r\n"u8, span, written);
        _output.Advance(Put("\r\n"u8, span, written));
        _output.BeginBody(framing, length);
        _input.EndPace();
        ResponseWritten = header;
    }

    public override ValueTask WriteBodyAsync(ReadOnlyMemory<byte> data, bool isEnd)
    {
        if (ResponseWritten is null)
            throw new InvalidOperationException("Write the response's head before its body.");
        var write = _output.WriteBodyAsync(data, isEnd, out var taken);
        BodyBytesSent += taken;
        return write;
    }

    public override ValueTask WriteTrailersAsync(HeaderMap? trailers) => _output.WriteTrailersAsync(trailers);

    public override ValueTask FlushAsync() => _output.FlushAsync();

    public override ValueTask RespondAsync(ResponseHeader header, ReadOnlyMemory<byte> body)
    {
        ArgumentNullException.ThrowIfNull(header);
        if (!body.IsEmpty || _method != KnownMethod.Head)
            SetLength(header, body.Length);
        if (!_input.IsBodyEnded && !_framing.ExpectsContinue && !_discarding && _input.Framing != BodyFraming.Tunnel && !_input.Holds(body))
            return DiscardThenRespondAsync(header, body);
        WriteHeader(header, body.IsEmpty);
        return WriteBodyAsync(body, true);
    }

    [AsyncMethodBuilder(typeof(Net.PooledMethodBuilder))]
    private async ValueTask DiscardThenRespondAsync(ResponseHeader header, ReadOnlyMemory<byte> body)
    {
        // Only what has arrived: a client that sends slowly gets its answer now, and the connection ends after it.
        try
        {
            for (var left = MostDiscarded; left > 0 && !_input.IsBodyEnded && _input.TryReadBody(out var chunk);)
                left -= chunk.Data.Length;
        }
        catch (IOException)
        {
            _keepAlive = false;
        }

        WriteHeader(header, body.IsEmpty);
        await WriteBodyAsync(body, true);
    }

    private static int Put(ReadOnlySpan<byte> bytes, Span<byte> destination, int at)
    {
        bytes.CopyTo(destination[at..]);
        return at + bytes.Length;
    }

    /// <summary>Decides how the body is delimited and takes out what would contradict it (RFC 9112 6.3).</summary>
    private (BodyFraming Framing, long Length) Frame(ResponseHeader header, bool isEnd)
    {
        var headers = header.Headers;
        if (headers.ContainsKnown(KnownHeader.TransferEncoding))
            headers.Remove(HeaderName.TransferEncoding);
        if (header.StatusCode == 101 || (_method == KnownMethod.Connect && header.StatusCode is >= 200 and < 300))
        {
            headers.RemoveKnown(KnownHeader.ContentLength);
            _keepAlive = false;
            return (BodyFraming.Tunnel, 0);
        }

        if (_method == KnownMethod.Head || header.StatusCode is 204 or 304)
        {
            if (header.StatusCode == 204)
                headers.RemoveKnown(KnownHeader.ContentLength);
            return (BodyFraming.None, 0);
        }

        if (headers.TryGetKnown(KnownHeader.ContentLength, out var value))
        {
            if (TransferCoding.TryParseLength(value, out var length) && (!isEnd || length == 0))
            {
                TransferCoding.Normalize(headers, value, length);
                return (length == 0 ? BodyFraming.None : BodyFraming.ContentLength, length);
            }

            headers.Remove(HeaderName.ContentLength);
        }

        if (isEnd)
            return (BodyFraming.None, 0);
        if (_version != HttpVersion.Http10)
            return (BodyFraming.Chunked, 0);
        _keepAlive = false;
        return (BodyFraming.UntilClose, 0);
    }

    private bool NeedsLength(ResponseHeader header) => _method != KnownMethod.Head && header.StatusCode is not (204 or 304)
        && !header.Headers.ContainsKnown(KnownHeader.ContentLength);

    private bool IsLastAllowed() => _options.KeepAliveRequestLimit is { } most && RequestsBefore + 1 >= most;
}
