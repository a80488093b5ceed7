namespace Securely.Dns;

/// <summary>
/// The one gate that every request passes, whatever brought it: 1. size and direction; 2. what it wants; 3. its form; 4. the client's network;
/// 5. the signature; 6. EDNS and cookies; 7. class and type; 8. the zone; 9. the rate. A thread has one of its own; answering allocates nothing
/// unless the message is signed.
/// </summary>
internal sealed partial class Responder(ServerState state, bool isLimited)
{
    private readonly QueryReader _query = new();
    private readonly ZoneAnswers _answers = new();
    private readonly byte[] _cookie = new byte[Cookies.Length];
    private readonly ResponseRateLimit _limit = new(isLimited ? state.Options.ResponsesPerSecond : 0, state.Options.Slip);
    private TsigSession? _signature;
    private int _most;
    private bool _hasCookie;
    private bool _isTrusted;
    private bool _isPrivate;

    // What answers have in common that the limit takes for equal.
    private uint _kind;

    /// <summary>What the last request asked for beyond one message: a whole zone; null for nothing.</summary>
    internal TransferRequest? Transfer { get; private set; }

    /// <summary>The change of a zone that the last request asked for, which is answered when it is on the disk; null for none.</summary>
    internal UpdateRequest? Update { get; private set; }

    /// <summary>Whether the last request's answer is still to be made, by whom one of the three others says.</summary>
    internal bool TakesTime => Transfer is not null || Update is not null || Wanted.Key is not null;

    /// <summary>How many requests it has seen; its own thread counts, others may read.</summary>
    internal long Requests { get; private set; }

    private int Decide(ReadOnlySpan<byte> request, Span<byte> response, ReadOnlySpan<byte> address, DnsTransport transport)
    {
        var isStream = transport != DnsTransport.Udp;
        _isPrivate = transport is DnsTransport.Tls or DnsTransport.Https;
        Transfer = null;
        Update = null;
        Wanted = default;
        _signature = null;
        _isRecursive = false;
        _error = ExtendedErrors.None;
        // What answers an answer could be made to answer itself.
        if (request.Length < 12 || (request[2] & 0x80) != 0)
            return 0;
        var operation = (OpCode)((request[2] >> 3) & 15);
        if (operation is not (OpCode.Query or OpCode.Notify or OpCode.Update))
        {
            _query.Clear();
            return Dismiss(request, response, ResponseCode.NotImplemented, address, isStream);
        }

        if (!_query.TryRead(request) || (_query.TsigStart > 0 && !Verify(request, isStream)))
            return Dismiss(request, response, ResponseCode.Malformed, address, isStream);
        var writer = Begin(request, response, isStream);
        Judge(request, operation, address, ref writer);
        return Wanted.Key is null ? Finish(request, address, ref writer) : 0;
    }

    // Names in a signature may be pointers, but are written out in the answer, which must not become too large by that.
    private bool Verify(ReadOnlySpan<byte> request, bool isStream)
    {
        _signature = TsigSession.Verify(request, _query.TsigStart, state.Options.Keys, state.Now);
        var edns = _query.HasEdns ? 11 + 4 + Cookies.Length + 4 + state.ServerId.Length : 0;
        return _signature is not null && (isStream || _query.QuestionEnd + edns + _signature.Length <= _query.PayloadSize);
    }

    private ResponseWriter Begin(ReadOnlySpan<byte> request, Span<byte> response, bool isStream)
    {
        var most = isStream ? FieldWire.Maximum : _query.HasEdns ? Math.Min(_query.PayloadSize, state.Options.MaximumUdpPayload) : 512;
        request[.._query.QuestionEnd].CopyTo(response);
        var writer = new ResponseWriter
        {
            Buffer = response,
            Position = _query.QuestionEnd,
            Limit = _most = Math.Min(most, response.Length) - (_signature?.Length ?? 0),
            IsStream = isStream,
        };
        if (_query.HasEdns)
            writer.Limit -= 11 + (_query.CookieLength > 0 ? 4 + Cookies.Length : 0) + (_query.WantsNsid && state.ServerId.Length > 0 ? 4 + state.ServerId.Length : 0) + (isStream ? 6 : 0);
        return writer;
    }

    private void Judge(ReadOnlySpan<byte> request, OpCode operation, ReadOnlySpan<byte> address, ref ResponseWriter writer)
    {
        _hasCookie = false;
        _kind = _query.Name.Hash(0) ^ (uint)_query.Type;
        _isTrusted = writer.IsStream;
        if (!state.Allowed.IsEmpty && !state.Allowed.Contains(address))
        {
            writer.Code = ResponseCode.Refused;
            return;
        }

        if (_signature is { Error: not ResponseCode.Success })
        {
            writer.Code = ResponseCode.NotAuthorized;
            return;
        }

        if (_query.EdnsVersion > 0)
        {
            writer.Code = ResponseCode.BadVersion;
            return;
        }

        if (_query.CookieLength > 0 && !JudgeCookie(request, address, ref writer))
            return;
        if (operation == OpCode.Query)
            Answer(request, address, ref writer);
        else if (operation == OpCode.Update)
            JudgeUpdate(request, address, ref writer);
        else
            JudgeNotify(request, address, ref writer);
    }

    // False where the cookie is all there is to answer.
    private bool JudgeCookie(ReadOnlySpan<byte> request, ReadOnlySpan<byte> address, ref ResponseWriter writer)
    {
        _hasCookie = true;
        var isKnown = state.Cookies.Judge(request.Slice(_query.CookieStart, _query.CookieLength), address, (uint)state.Now, _cookie);
        _isTrusted |= isKnown;
        if (!_query.HasQuestion)
            writer.Code = isKnown || _query.CookieLength == Cookies.ClientLength ? ResponseCode.Success : ResponseCode.BadCookie;
        else if (!_isTrusted && state.Options.RequiresCookies)
            writer.Code = ResponseCode.BadCookie;
        else
            return true;
        return false;
    }

    /// <summary>Whether no records have a type, but for ANY (RFC 6895, 3.1).</summary>
    internal static bool IsMeta(RecordType type) => (ushort)type is >= 249 and < 255 || type == RecordType.Opt;

    private void Answer(ReadOnlySpan<byte> request, ReadOnlySpan<byte> address, ref ResponseWriter writer)
    {
        if (_query.Class != RecordClass.In)
        {
            if (_query.Class == RecordClass.Chaos)
                AnswerChaos(ref writer);
            else
                writer.Code = ResponseCode.Refused;
            return;
        }

        if (IsMeta(_query.Type))
        {
            AnswerMeta(request, address, ref writer);
            return;
        }

        var view = state.ViewOf(address);
        var zone = view.Find(_query.Name);
        if (zone is null)
        {
            Recurse(view.Recursion, request, address, ref writer);
            return;
        }

        AnswerFrom(zone, view, request, address, ref writer);
    }

    private void AnswerFrom(Zone zone, ServerView view, ReadOnlySpan<byte> request, ReadOnlySpan<byte> address, ref ResponseWriter writer)
    {
        _isRecursive = view.Recursion?.Allowed.Contains(address) == true;
        // What a parent says of a delegation is the parent's to answer, where it is here too (RFC 4035, 3.1.4.1).
        if (_query.Type == RecordType.Ds && zone.ApexLabels == _query.Name.Labels)
            zone = view.Find(_query.Name, 1) ?? zone;
        if (AsksParent(zone, view, request, address, ref writer))
            return;
        if (zone.IsExpired)
        {
            writer.Code = ResponseCode.ServerFailure;
            return;
        }

        _answers.Answer(zone, _query.Name, _query.Type, _query.WantsProof, ref writer);
        _kind = _answers.Kind;
        if (_answers.Outside is not null && (request[2] & 1) != 0)
            FollowOutside(view, request, address, ref writer);
    }

    // Whole zones go over streams only, to those who may have them; the other types of this kind are nobody's.
    private void AnswerMeta(ReadOnlySpan<byte> request, ReadOnlySpan<byte> address, ref ResponseWriter writer)
    {
        if (_query.Type is not (RecordType.Axfr or RecordType.Ixfr))
        {
            writer.Code = _query.Type is RecordType.Opt or RecordType.Tsig ? ResponseCode.Malformed : ResponseCode.NotImplemented;
            return;
        }

        if (state.ViewOf(address).FindExact(_query.Name) is not { } zone || !state.MayTransfer(zone, address, _signature?.Key))
        {
            writer.Code = ResponseCode.Refused;
            return;
        }

        if (zone.IsExpired)
        {
            writer.Code = ResponseCode.ServerFailure;
            return;
        }

        if (writer.IsStream)
        {
            Transfer = new TransferRequest(zone, _signature);
            return;
        }

        if (_query.Type == RecordType.Axfr)
        {
            writer.Code = ResponseCode.Refused;
            return;
        }

        AnswerChanges(zone, request, ref writer);
    }

    // Over a datagram all changes, or the newest SOA, which says whether it is worth a stream (RFC 1995, 2).
    private static void AnswerChanges(Zone zone, ReadOnlySpan<byte> request, ref ResponseWriter writer)
    {
        writer.ApexOffset = ResponseWriter.QuestionOffset;
        writer.IsAuthoritative = true;
        if (TransferContent.Incremental(zone, request.ToArray()) is { } changes && TryWrite(changes, ref writer))
            return;
        if (writer.TryWrite(zone.Soa, ResponseWriter.QuestionOffset))
            writer.Answers++;
    }

    private static bool TryWrite(IEnumerable<ResourceRecord> records, ref ResponseWriter writer)
    {
        var message = new DnsWriter(new byte[Math.Max(writer.Limit, writer.Position)], new NameCompressor());
        message.TryWrite(writer.Buffer[..writer.Position]);
        ushort count = 0;
        foreach (var record in records)
        {
            if (!message.TryWriteRecord(record))
                return false;
            count++;
        }

        message.Written[writer.Position..].CopyTo(writer.Buffer[writer.Position..]);
        writer.Position = message.Position;
        writer.Answers = count;
        return true;
    }
}

/// <summary>A zone that a client may have.</summary>
/// <param name="Zone">The zone as it was when it was asked for.</param>
/// <param name="Signature">Signs the messages; null for a request without a signature.</param>
internal sealed record TransferRequest(Zone Zone, TsigSession? Signature);
