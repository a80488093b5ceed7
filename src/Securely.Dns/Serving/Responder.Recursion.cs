using System.Buffers.Binary;

namespace Securely.Dns;

/// <summary>The part of the gate for names of others: policy, then what is known, then the forwarder.</summary>
internal sealed partial class Responder
{
    private static readonly byte[] _blockedText = "blocked by a list of this server"u8.ToArray();
    private static readonly byte[] _prohibitedText = "only local networks may ask for names of others"u8.ToArray();
    private static readonly byte[] _blockedSoa = [0, 0, 0, 0, 0, 1, 0, 0, 14, 16, 0, 0, 2, 88, 0, 1, 81, 128, 0, 0, 0, 60];
    private CacheEntry? _given;
    private bool _isGivenStale;
    private bool _isRecursive;
    private int _error = ExtendedErrors.None;
    private byte[] _errorText = [];

    /// <summary>What the last request asked for that has to be asked of others; null for nothing. The request is to be kept until there is an answer.</summary>
    internal ForwardOrder Wanted { get; private set; }

    /// <summary>Answers that came from the cache; its own thread counts, others may read.</summary>
    internal long CacheHits { get; private set; }

    /// <summary>Questions that had to be asked of others; its own thread counts, others may read.</summary>
    internal long CacheMisses { get; private set; }

    /// <summary>Answers a request whose answer was waited for.</summary>
    /// <param name="entry">The answer.</param>
    /// <param name="isStale">Whether it is old, for want of another.</param>
    /// <param name="request">The message.</param>
    /// <param name="response">Takes the answer.</param>
    /// <param name="address">The client's address.</param>
    /// <param name="transport">What brought it.</param>
    /// <param name="began">When it was read, by <see cref="Clock"/>.</param>
    /// <returns>How many bytes the answer has; 0 for none.</returns>
    internal int RespondWith(CacheEntry entry, bool isStale, ReadOnlySpan<byte> request, Span<byte> response, ReadOnlySpan<byte> address, DnsTransport transport, long began)
    {
        (_given, _isGivenStale) = (entry, isStale);
        try
        {
            return Respond(request, response, address, transport);
        }
        finally
        {
            _given = null;
            EndBatch(began, 1, transport);
        }
    }

    private void Recurse(Recursion? recursion, ReadOnlySpan<byte> request, ReadOnlySpan<byte> address, ref ResponseWriter writer)
    {
        if (recursion is null)
        {
            writer.Code = ResponseCode.Refused;
            return;
        }

        if (!recursion.Allowed.Contains(address))
        {
            Refuse(ExtendedErrors.Prohibited, _prohibitedText, ref writer);
            return;
        }

        _isRecursive = true;
        // Whoever does not want others to be asked would only look into what they have asked for.
        if ((request[2] & 1) == 0)
        {
            Refuse(ExtendedErrors.NotAuthoritative, [], ref writer);
            return;
        }

        if (recursion.Loops.Recognizes(_query.Name))
        {
            Refuse(ExtendedErrors.Other, "the question has come back to where it came from"u8.ToArray(), ref writer);
            return;
        }

        var below = recursion.BelowUnrouted(_query.Name);
        if (below > 0 || (below == 0 && !IsForParent))
            DenyUnrouted(below, ref writer);
        else if (recursion.Options.Names is { } names && names.IsBlocked(_query.Name))
            Block(names.Answer, ref writer);
        else
            AnswerFromCache(request, recursion, ref writer);
    }

    private void AnswerFromCache(ReadOnlySpan<byte> request, Recursion recursion, ref ResponseWriter writer)
    {
        var now = recursion.Now;
        if (Find(request, recursion, _query.Name, now, out var isStale) is { } entry)
            Write(entry, now, isStale, ref writer);
    }

    // The answer for a name of others; null where somebody has to be asked, which is in Wanted then.
    private CacheEntry? Find(ReadOnlySpan<byte> request, Recursion recursion, NameKey name, long now, out bool isStale)
    {
        var flags = (_query.WantsProof ? QuestionFlags.WantsProof : 0) | ((request[3] & 0x10) != 0 ? QuestionFlags.CheckingDisabled : 0);
        if (_given is { } given)
        {
            isStale = _isGivenStale;
            // While it was waited for, zones may have changed, and the question with them; whoever asks again gets what is so now.
            return given.Key.Is(name.Lower, given.Key.Type == RecordType.None ? RecordType.None : _query.Type, flags) ? given : AnswerFilter.Failure(Key(name, flags), ExtendedErrors.Other, "the zone has changed meanwhile", now);
        }

        var entry = recursion.Cache.Find(name, _query.Type, flags, now);
        var isFresh = entry is not null && entry.IsFresh(now);
        isStale = !isFresh;
        if (entry is not null && (isFresh || (now < entry.RetryAt && entry.IsUsableStale(now, recursion.MaximumStale))))
        {
            CacheHits++;
            entry.Use(now);
            if (isFresh && recursion.Options.Cache.Prefetches && entry.ShouldRefresh(now))
                recursion.Forwarder?.Ask(Key(name, flags), null);
            return entry;
        }

        if (recursion.FindDenial(name, flags, now) is { } denial)
        {
            CacheHits++;
            denial.Use(now);
            isStale = false;
            return denial;
        }

        CacheMisses++;
        Wanted = new ForwardOrder(recursion.Forwarder, Key(name, flags));
        return null;
    }

    private ForwardKey Key(NameKey name, QuestionFlags flags) => new(name.Lower, _query.Type, flags, name.Hash(0));

    private void Write(CacheEntry entry, long now, bool isStale, ref ResponseWriter writer)
    {
        entry.Write(ref writer, now, isStale);
        if (entry.Denier != 0)
            _kind = entry.Denier;
        Explain(entry, isStale);
    }

    private void Explain(CacheEntry entry, bool isStale)
    {
        (_error, _errorText) = (entry.Error, entry.ErrorText);
        if (isStale)
            (_error, _errorText) = (entry.Code == ResponseCode.NoSuchName ? ExtendedErrors.StaleNoSuchName : ExtendedErrors.StaleAnswer, []);
    }

    private void Refuse(int error, byte[] text, ref ResponseWriter writer)
    {
        writer.Code = ResponseCode.Refused;
        (_error, _errorText) = (error, text);
    }

    private void Block(BlockedAnswer answer, ref ResponseWriter writer)
    {
        (_error, _errorText) = (ExtendedErrors.Blocked, _blockedText);
        _kind = _query.Name.Hash(Math.Max(_query.Name.Labels - 2, 0));
        writer.Code = answer switch
        {
            BlockedAnswer.NoSuchName => ResponseCode.NoSuchName,
            BlockedAnswer.Refused => ResponseCode.Refused,
            _ => ResponseCode.Success,
        };
        var length = answer != BlockedAnswer.ZeroAddress ? 0 : _query.Type switch { RecordType.A => 4, RecordType.Aaaa => 16, _ => 0 };
        if (answer == BlockedAnswer.Refused || writer.Position + RecordSet.HeadLength + _blockedSoa.Length > writer.Limit)
            return;
        // Addresses that lead nowhere, or the SOA that says how long there is nothing (RFC 2308): of the name itself, for a minute.
        RecordSet.WriteHead(writer.Buffer[writer.Position..], length > 0 ? _query.Type : RecordType.Soa, 60, length > 0 ? length : _blockedSoa.Length);
        BinaryPrimitives.WriteUInt16BigEndian(writer.Buffer[writer.Position..], ResponseWriter.Pointer | ResponseWriter.QuestionOffset);
        var data = writer.Buffer[(writer.Position + RecordSet.HeadLength)..];
        if (length > 0)
            data[..length].Clear();
        else
            _blockedSoa.CopyTo(data);
        writer.Position += RecordSet.HeadLength + (length > 0 ? length : _blockedSoa.Length);
        writer.Answers = (ushort)(length > 0 ? 1 : 0);
        writer.Authorities = (ushort)(length > 0 ? 0 : 1);
    }

    private int WriteError(Span<byte> target, int room)
    {
        if (_error == ExtendedErrors.None || room < 6)
            return 0;
        var text = _errorText.AsSpan(0, room < 6 + _errorText.Length ? 0 : _errorText.Length);
        BinaryPrimitives.WriteUInt16BigEndian(target, (ushort)EdnsOptionCode.ExtendedError);
        BinaryPrimitives.WriteUInt16BigEndian(target[2..], (ushort)(2 + text.Length));
        BinaryPrimitives.WriteUInt16BigEndian(target[4..], (ushort)_error);
        text.CopyTo(target[6..]);
        return 6 + text.Length;
    }
}

/// <summary>A question that has to be asked of others.</summary>
/// <param name="Forwarder">Who asks; null for no question.</param>
/// <param name="Key">The question.</param>
internal readonly record struct ForwardOrder(Forwarder? Forwarder, ForwardKey? Key)
{
    /// <summary>Asks for a client.</summary>
    internal void Ask(ForwardClient client) => Forwarder!.Ask(Key!, client);
}
