using System.Buffers.Binary;

namespace Securely.Dns;

/// <summary>
/// The part of the gate for aliases that lead out of their zone: whoever wants recursion gets the rest from another zone of ours, or from others
/// (RFC 1034, 4.3.2, steps 3a and 4). This is the exception, so it may allocate.
/// </summary>
internal sealed partial class Responder
{
    private void FollowOutside(ServerView view, ReadOnlySpan<byte> request, ReadOnlySpan<byte> address, ref ResponseWriter writer)
    {
        // Each turn adds an alias at least, and there is an end to these.
        while (_answers.Outside is { } target && !writer.IsTruncated)
        {
            if (view.Find(target) is not { } zone)
            {
                FollowToOthers(target, view.Recursion, request, address, ref writer);
                return;
            }

            if (zone.IsExpired)
            {
                Fail(ref writer);
                return;
            }

            _answers.Continue(zone, _query.Type, _query.WantsProof, ref writer);
        }
    }

    private void FollowToOthers(NameKey target, Recursion? recursion, ReadOnlySpan<byte> request, ReadOnlySpan<byte> address, ref ResponseWriter writer)
    {
        // The alias alone is what a client gets for whom nobody else is asked.
        if (recursion is null || !recursion.Allowed.Contains(address))
            return;
        _isRecursive = true;
        if (recursion.Options.Names is { } names && !names.IsAllowed(_query.Name) && names.IsBlocked(target))
        {
            (_error, _errorText) = (ExtendedErrors.Blocked, _blockedText);
            writer.Code = names.Answer switch { BlockedAnswer.NoSuchName => ResponseCode.NoSuchName, BlockedAnswer.Refused => ResponseCode.Refused, _ => ResponseCode.Success };
            return;
        }

        if (recursion.BelowUnrouted(target) >= 0)
        {
            writer.Code = ResponseCode.NoSuchName;
            return;
        }

        var now = recursion.Now;
        if (Find(request, recursion, target, now, out var isStale) is not { } entry)
            return;
        Explain(entry, isStale);
        if (entry.IsFailure)
            Fail(ref writer);
        else if (!TryAppend(entry, target, now, isStale, ref writer))
            writer.IsTruncated = true;
    }

    // An answer whose end nobody knows is none.
    private void Fail(ref ResponseWriter writer)
    {
        writer.Position = _query.QuestionEnd;
        writer.Answers = writer.Authorities = writer.Additionals = 0;
        writer.IsAuthoritative = false;
        writer.Code = ResponseCode.ServerFailure;
    }

    // The records of an entry stand behind a question of its name; here they get another place, and other pointers.
    private bool TryAppend(CacheEntry entry, NameKey name, long now, bool isStale, ref ResponseWriter writer)
    {
        var message = new byte[FieldWire.Maximum];
        message[5] = 1;
        name.Lower.CopyTo(message.AsSpan(ResponseWriter.QuestionOffset));
        var behind = ResponseWriter.QuestionOffset + name.Length;
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(behind), (ushort)_query.Type);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(behind + 2), (ushort)RecordClass.In);
        var inner = new ResponseWriter { Buffer = message, Position = behind + 4, Limit = message.Length };
        entry.Write(ref inner, now, isStale);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(6), inner.Answers);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(8), inner.Authorities);
        if (inner.IsTruncated || !DnsMessage.TryDecode(message.AsSpan(0, inner.Position), out var answer))
            return false;
        var before = writer.Answers;
        if (!TryWrite(answer.Answers.Concat(answer.Authorities), ref writer))
            return false;
        writer.Code = entry.Code;
        writer.Answers = (ushort)(before + answer.Answers.Count);
        writer.Authorities = (ushort)answer.Authorities.Count;
        return true;
    }
}
