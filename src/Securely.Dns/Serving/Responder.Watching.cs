namespace Securely.Dns;

// What is seen of requests from outside; nothing here changes an answer.
internal sealed partial class Responder
{
    private readonly QueryRecorder? _recorder = state.Options.QueryLog?.AddRecorder();
    private RateVerdict _verdict;
    private int _extendedCode;

    // Questions of the batch that others answer later, which have a time of their own.
    private int _handedOn;

    /// <summary>How many answers the limit has dropped; its own thread counts, others may read.</summary>
    internal long Dropped { get; private set; }

    /// <summary>Whether somebody else counts how long a request takes.</summary>
    internal bool IsTimedByBatch { get; set; }

    /// <summary>The clock of <see cref="EndBatch"/>; 0 where nobody counts.</summary>
    internal long Clock => state.Figures is null ? 0 : state.Timestamp;

    /// <summary>Answers one request.</summary>
    /// <param name="request">The message.</param>
    /// <param name="response">Takes the answer: at least 1,232 bytes.</param>
    /// <param name="address">The client's address: 4 or 16 bytes.</param>
    /// <param name="isStream">Whether it came over a stream, where its address is no lie.</param>
    /// <returns>How many bytes the answer has; 0 for none.</returns>
    internal int Respond(ReadOnlySpan<byte> request, Span<byte> response, ReadOnlySpan<byte> address, bool isStream) =>
        Respond(request, response, address, isStream ? DnsTransport.Tcp : DnsTransport.Udp);

    /// <summary>Answers one request.</summary>
    /// <param name="request">The message.</param>
    /// <param name="response">Takes the answer: at least 1,232 bytes.</param>
    /// <param name="address">The client's address: 4 or 16 bytes.</param>
    /// <param name="transport">What brought it.</param>
    /// <param name="hasMoreRoom">Whether the caller has more room than it gives.</param>
    /// <returns>How many bytes the answer has; 0 for none; -1 where the caller shall ask again with all its room, and nothing was counted.</returns>
    internal int Respond(ReadOnlySpan<byte> request, Span<byte> response, ReadOnlySpan<byte> address, DnsTransport transport, bool hasMoreRoom = false)
    {
        (_verdict, _extendedCode) = (RateVerdict.Answer, 0);
        var began = IsTimedByBatch ? 0 : Clock;
        var hits = CacheHits;
        var length = Decide(request, response, address, transport);
        if (hasMoreRoom && length > 0 && (response[2] & 2) != 0)
        {
            CacheHits = hits;
            return -1;
        }

        Requests++;
        if (state.Figures is null && _recorder is null)
            return length;
        if (Wanted.Key is not null)
        {
            // It is counted and written down when there is an answer.
            _handedOn++;
            return length;
        }

        Watch(request, response[..length], address, transport);
        if (!IsTimedByBatch && _given is null)
            EndBatch(began, 1, transport);
        return length;
    }

    /// <summary>Lets the calling thread count by itself; null where nobody counts.</summary>
    internal IDisposable? CountOnThread() => state.Figures?.CountOnThread();

    /// <summary>Counts how long requests took that were read and answered together.</summary>
    internal void EndBatch(long began, int count, DnsTransport transport = DnsTransport.Udp)
    {
        count -= _handedOn;
        _handedOn = 0;
        if (count > 0)
            state.Figures?.CountTime(transport, state.Elapsed(began), count);
    }

    /// <summary>Counts a question that was dropped while its answer was waited for.</summary>
    internal void WatchDropped(ReadOnlySpan<byte> request, ReadOnlySpan<byte> address, DnsTransport transport)
    {
        if ((state.Figures is not null || _recorder is not null) && _query.TryRead(request))
            Watch(request, default, address, transport);
    }

    private void Watch(ReadOnlySpan<byte> request, ReadOnlySpan<byte> answer, ReadOnlySpan<byte> address, DnsTransport transport)
    {
        if (request.Length < 12 || (request[2] & 0x80) != 0)
        {
            state.Figures?.Ignore(transport);
            return;
        }

        var operation = (OpCode)((request[2] >> 3) & 15);
        // An answer that leaves the question out is one to a question that could not be read, or had none.
        var isRead = _query.HasQuestion && (answer.IsEmpty || answer[5] != 0);
        var code = answer.IsEmpty ? ResponseCode.Success : (ResponseCode)((_extendedCode << 4) | (answer[3] & 15));
        Count(operation, isRead, answer.IsEmpty ? null : code, transport);
        if (_recorder is null || !_recorder.IsChosen())
            return;
        var head = new QueryLogHead
        {
            Size = answer.Length,
            Code = code,
            Operation = operation,
            Type = isRead ? _query.Type : 0,
            Class = isRead ? _query.Class : 0,
            Transport = transport,
            IsAuthoritative = !answer.IsEmpty && (answer[2] & 4) != 0,
            IsTruncated = !answer.IsEmpty && (answer[2] & 2) != 0,
            IsLimited = _verdict != RateVerdict.Answer,
            WantsRecursion = (request[2] & 1) != 0,
        };
        head.SetAddress(address);
        _recorder.Add(ref head, isRead ? request[12..(_query.QuestionEnd - 4)] : default);
    }

    private void Count(OpCode operation, bool isRead, ResponseCode? code, DnsTransport transport)
    {
        if (state.Figures is not { } figures)
            return;
        figures.CountQuery(transport, operation, isRead ? _query.Type : null);
        if (code is { } known)
            figures.CountResponse(transport, known);
        if (_verdict != RateVerdict.Answer)
            figures.CountLimited(transport, _verdict == RateVerdict.Drop);
    }
}
