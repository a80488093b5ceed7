using Securely.Fuzz.Tests.Cases;
using Securely.Fuzz.Tests.Reference;
using Securely.Http;

namespace Securely.Fuzz.Tests.Running;

/// <summary>
/// The parsers that serve, used as a connection uses them: one after the other on the same objects, in a buffer that moves and that holds
/// other bytes before and behind the message.
/// </summary>
internal sealed class Production : ISubject
{
    private readonly RequestHeader _request = new();
    private readonly ResponseHeader _response = new();
    private byte[] _buffer = [];
    private byte[] _spare = [];
    private int _start;
    private FuzzCase? _last;
    private RequestParser _requests;
    private ResponseParser _responses;
    private ChunkedReader _chunks;

    /// <inheritdoc />
    public PlainReading Read(FuzzCase one)
    {
        // Limits belong to a listener: only when they change, a connection has other parsers.
        if (_last is null || one.Limits != _last.Limits || one.Question != _last.Question || one.IsResponseBody != _last.IsResponseBody)
        {
            _requests = new RequestParser(Limits(one.Limits));
            _responses = new ResponseParser(Limits(one.Limits), one.Question.ForgivesLength);
            _chunks = new ChunkedReader(Limits(one.Limits), one.IsResponseBody);
        }

        _last = one;
        return one.Kind switch
        {
            CaseKind.Request => ReadRequest(one, ref _requests),
            CaseKind.Response => ReadResponse(one, ref _responses),
            _ => ReadChunked(one, ref _chunks),
        };
    }

    private PlainHead ReadRequest(FuzzCase one, ref RequestParser parser)
    {
        _request.Clear();
        parser.Reset();
        var status = HeadStatus.NeedMore;
        int came = 0;
        foreach (int end in one.Ends)
        {
            Receive(one.Bytes, came, end);
            came = end;
            status = parser.Parse(_request, _buffer, _start, _start + end);
            if (status != HeadStatus.NeedMore)
                break;
        }

        if (!_buffer.AsSpan(_start, came).SequenceEqual(one.Bytes.AsSpan(0, came)))
            throw new InvalidOperationException("Reading a request has changed its bytes");
        var head = new PlainHead();
        Take(head, status, parser.Error, parser.Consumed);
        if (status == HeadStatus.Done)
        {
            head.Method = _request.Method.ToArray();
            head.Target = _request.Target.ToArray();
            head.Path = _request.Path.ToArray();
            head.Query = _request.Query.ToArray();
            head.Host = _request.Host.ToArray();
            head.MinorVersion = Minor(_request.Version);
            Take(head, _request.Headers);
            Take(head, parser.Framing);
        }

        return head;
    }

    private PlainHead ReadResponse(FuzzCase one, ref ResponseParser parser)
    {
        _response.Clear();
        parser.Reset(Methods.Recognise(System.Text.Encoding.ASCII.GetBytes(one.Question.Method)), one.Question.UpgradeRequested);
        var status = HeadStatus.NeedMore;
        int came = 0;
        foreach (int end in one.Ends)
        {
            Receive(one.Bytes, came, end);
            came = end;
            status = parser.Parse(_response, _buffer, _start, _start + end);
            if (status != HeadStatus.NeedMore)
                break;
        }

        var head = new PlainHead();
        Take(head, status, parser.Error, parser.Consumed);
        if (status == HeadStatus.Done)
        {
            int rest = parser.Consumed;
            if (!_buffer.AsSpan(_start + rest, came - rest).SequenceEqual(one.Bytes.AsSpan(rest, came - rest)))
                throw new InvalidOperationException("Reading a response has changed the bytes behind its head");
            head.StatusCode = _response.StatusCode;
            head.Reason = _response.Reason.ToArray();
            head.MinorVersion = Minor(_response.Version);
            Take(head, _response.Headers);
            Take(head, parser.Framing);
        }

        return head;
    }

    private PlainBody ReadChunked(FuzzCase one, ref ChunkedReader reader)
    {
        var body = new PlainBody();
        reader.Reset();
        var status = HeadStatus.NeedMore;
        int at = 0;
        foreach (int end in one.Ends)
        {
            status = one.Number % 2 == 0 ? Walk(ref reader, one.Bytes, ref at, end, body) : Decode(ref reader, one.Bytes, ref at, end, body);
            if (status != HeadStatus.NeedMore)
                break;
            if (at != end)
                throw new InvalidOperationException("A body wants more and has not taken all there is");
        }

        Take(body, status, reader.Error, at);
        if (reader.IsDone != (status == HeadStatus.Done) || (reader.IsDone && reader.TotalLength != body.Data.Count))
            throw new InvalidOperationException("A body is said to have another end or length than its data");
        if (reader.Trailers is { } trailers)
            Take(body, trailers);
        return body;
    }

    private static HeadStatus Walk(ref ChunkedReader reader, byte[] bytes, ref int at, int end, PlainBody body)
    {
        while (true)
        {
            int before = at;
            var status = reader.Read(bytes.AsSpan(at, end - at), out int consumed, out int offset, out int length);
            body.Data.AddRange(bytes.AsSpan(at + offset, length));
            at += consumed;
            if (status != HeadStatus.NeedMore || at == end)
                return status;
            if (at == before)
                throw new InvalidOperationException("A body takes nothing and does not end");
        }
    }

    private static HeadStatus Decode(ref ChunkedReader reader, byte[] bytes, ref int at, int end, PlainBody body)
    {
        byte[] copy = bytes[at..end];
        var status = reader.Decode(copy, out int consumed, out int produced);
        body.Data.AddRange(copy.AsSpan(0, produced));
        at += consumed;
        return status;
    }

    /// <summary>
    /// Gives the message another place, in another array, with what has come by now. What was seen is taken from the old place, because a
    /// parser may have joined lines there; the old place is spoilt.
    /// </summary>
    private void Receive(byte[] message, int came, int end)
    {
        int start = came == 0 ? 5 : (_start + 3) % 7;
        if (_spare.Length < start + end + 8)
            _spare = new byte[(start + end + 8) * 2];
        (_buffer, _spare) = (_spare, _buffer);
        _spare.AsSpan(_start, came).CopyTo(_buffer.AsSpan(start));
        message.AsSpan(came, end - came).CopyTo(_buffer.AsSpan(start + came));
        _buffer.AsSpan(0, start).Fill((byte)'x');
        "\r\n\r\n0\r\n\r"u8.CopyTo(_buffer.AsSpan(start + end));
        _spare.AsSpan(_start, came).Fill(0xEE);
        _start = start;
    }

    private static HttpLimits Limits(PlainLimits limits) =>
        new() { RequestLine = limits.StartLine, HeaderBytes = limits.FieldBytes, Headers = limits.Fields, Body = limits.Body };

    private static int Minor(Http.HttpVersion version) => version == Http.HttpVersion.Http10 ? 0 : 1;

    private static void Take(PlainReading reading, HeadStatus status, HeadError error, int consumed)
    {
        reading.Verdict = status switch
        {
            HeadStatus.Done => Verdict.Accepted,
            HeadStatus.Error => Verdict.Refused,
            _ => Verdict.Unfinished,
        };
        reading.Consumed = status == HeadStatus.Done ? consumed : 0;
        if (status == HeadStatus.Error)
        {
            reading.Statuses = [error.StatusCode];
            reading.Problem = error.Problem;
        }
    }

    private static void Take(PlainReading reading, HeaderMap headers)
    {
        foreach (var field in headers)
            reading.Fields.Add(new PlainField(field.Name.ToArray(), field.Value.ToArray()));
    }

    private static void Take(PlainHead head, MessageFraming framing)
    {
        head.Body = framing.Body switch
        {
            BodyFraming.None => BodyEnd.NoBody,
            BodyFraming.ContentLength => BodyEnd.AfterLength,
            BodyFraming.Chunked => BodyEnd.AfterLastChunk,
            BodyFraming.UntilClose => BodyEnd.AtClose,
            _ => BodyEnd.OtherProtocol,
        };
        head.BodyLength = framing.Length;
        head.KeepAlive = framing.KeepAlive;
        head.KeepAliveSeconds = framing.KeepAliveTimeout;
        head.ExpectsContinue = framing.ExpectsContinue;
        head.Upgrade = framing.Upgrade;
    }
}
