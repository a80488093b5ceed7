using System.Buffers.Binary;

namespace Securely.Dns;

internal sealed partial class Responder
{
    private const int EdnsHeadLength = 11;
    private const int PaddedTo = 468;

    /// <summary>Refuses a request that cannot be answered on its way.</summary>
    internal static int Refuse(ReadOnlySpan<byte> request, Span<byte> response) => Brief(request, response, ResponseCode.Refused);

    // A header alone: the rest of the request could not be read, or does not matter.
    private static int Brief(ReadOnlySpan<byte> request, Span<byte> response, ResponseCode code)
    {
        request[..12].CopyTo(response);
        response[2] = (byte)((request[2] & 0x79) | 0x80);
        response[3] = (byte)code;
        response[4..12].Clear();
        return 12;
    }

    // The same over a datagram, within the limit of answers.
    private int Dismiss(ReadOnlySpan<byte> request, Span<byte> response, ResponseCode code, ReadOnlySpan<byte> address, bool isStream)
    {
        if (!isStream && _limit.IsOn)
            _verdict = _limit.Count(address, (uint)code, (uint)state.Now);
        if (_verdict == RateVerdict.Drop)
        {
            Dropped++;
            return 0;
        }

        var length = Brief(request, response, code);
        if (_verdict == RateVerdict.Truncate)
            response[2] |= 2;
        // Without it the client would take the server for one that does not know EDNS (RFC 6891, 6.1.1).
        if (!QueryReader.ShowsEdns(request))
            return length;
        response[11] = 1;
        WriteEdnsHead(response[length..], 0);
        return length + EdnsHeadLength;
    }

    private int Finish(ReadOnlySpan<byte> request, ReadOnlySpan<byte> address, ref ResponseWriter writer)
    {
        if (!_isTrusted && _limit.IsOn && Update is null && Limit(address, ref writer))
            return 0;
        var response = writer.Buffer;
        response[2] = (byte)((request[2] & 0x79) | 0x80 | (writer.IsAuthoritative ? 4 : 0) | (writer.IsTruncated ? 2 : 0));
        response[3] = (byte)(((int)writer.Code & 15) | (_isRecursive ? 0x80 | (request[3] & 0x10) : 0));
        BinaryPrimitives.WriteUInt16BigEndian(response[6..], writer.Answers);
        BinaryPrimitives.WriteUInt16BigEndian(response[8..], writer.Authorities);
        if (_query.HasEdns)
            WriteEdns(ref writer);
        BinaryPrimitives.WriteUInt16BigEndian(response[10..], writer.Additionals);
        if (Update is { } update)
        {
            update.Prepare(response[..writer.Position]);
            return 0;
        }

        return _signature is null || Transfer is not null ? writer.Position : _signature.Append(response, writer.Position, state.Now);
    }

    private bool Limit(ReadOnlySpan<byte> address, ref ResponseWriter writer)
    {
        // Names that do not exist are countless, so each code has a count of its own.
        var kind = writer.Code is ResponseCode.Success or ResponseCode.NoSuchName ? _kind ^ ((uint)writer.Code << 24) : (uint)writer.Code;
        var verdict = _limit.Count(address, kind, (uint)state.Now);
        _verdict = verdict;
        if (verdict == RateVerdict.Drop)
            Dropped++;
        if (verdict == RateVerdict.Truncate)
        {
            writer.Position = _query.QuestionEnd;
            writer.Answers = writer.Authorities = writer.Additionals = 0;
            writer.IsTruncated = true;
            _error = ExtendedErrors.None;
        }

        return verdict == RateVerdict.Drop;
    }

    private void WriteEdns(ref ResponseWriter writer)
    {
        writer.Additionals++;
        _extendedCode = (int)writer.Code >> 4;
        var opt = writer.Buffer[writer.Position..];
        WriteEdnsHead(opt, ((uint)writer.Code >> 4 << 24) | (_query.WantsProof ? 0x8000u : 0));
        var length = 0;
        if (_query.WantsNsid && state.ServerId.Length > 0)
            length += WriteOption(opt[(EdnsHeadLength + length)..], EdnsOptionCode.Nsid, state.ServerId);
        if (_hasCookie)
            length += WriteOption(opt[(EdnsHeadLength + length)..], EdnsOptionCode.Cookie, _cookie);
        if (_query.WantsKeepAlive && writer.IsStream)
            length += WriteOption(opt[(EdnsHeadLength + length)..], EdnsOptionCode.TcpKeepAlive, state.KeepAlive);
        length += WriteError(opt[(EdnsHeadLength + length)..], _most - writer.Position - EdnsHeadLength - length);
        if (_query.WantsPadding && _isPrivate)
            length += WritePadding(opt[(EdnsHeadLength + length)..], writer.Position + EdnsHeadLength + length);
        BinaryPrimitives.WriteUInt16BigEndian(opt[9..], (ushort)length);
        writer.Position += EdnsHeadLength + length;
    }

    private void WriteEdnsHead(Span<byte> opt, uint flags)
    {
        opt[0] = 0;
        BinaryPrimitives.WriteUInt16BigEndian(opt[1..], (ushort)RecordType.Opt);
        BinaryPrimitives.WriteUInt16BigEndian(opt[3..], (ushort)state.Options.MaximumUdpPayload);
        BinaryPrimitives.WriteUInt32BigEndian(opt[5..], flags);
        opt[9..EdnsHeadLength].Clear();
    }

    // Whole blocks with the signature that follows, or as much as there is room for (RFC 7830, 4; RFC 8467, 4.1).
    private int WritePadding(Span<byte> target, int position)
    {
        var room = _most - position - 4;
        if (room < 0)
            return 0;
        var size = position + 4 + (_signature?.AnswerLength ?? 0);
        var length = Math.Min((PaddedTo - (size % PaddedTo)) % PaddedTo, room);
        BinaryPrimitives.WriteUInt16BigEndian(target, (ushort)EdnsOptionCode.Padding);
        BinaryPrimitives.WriteUInt16BigEndian(target[2..], (ushort)length);
        target.Slice(4, length).Clear();
        return 4 + length;
    }

    private static int WriteOption(Span<byte> target, EdnsOptionCode code, ReadOnlySpan<byte> data)
    {
        BinaryPrimitives.WriteUInt16BigEndian(target, (ushort)code);
        BinaryPrimitives.WriteUInt16BigEndian(target[2..], (ushort)data.Length);
        data.CopyTo(target[4..]);
        return 4 + data.Length;
    }

    // RFC 4892: questions about the server itself.
    private void AnswerChaos(ref ResponseWriter writer)
    {
        var text = _query.Type is RecordType.Txt or RecordType.Any ? state.FindChaos(_query.Name) : null;
        if (text is null)
        {
            writer.Code = ResponseCode.Refused;
            return;
        }

        RecordSet.WriteHead(writer.Buffer[writer.Position..], RecordType.Txt, 0, text.Length + 1);
        BinaryPrimitives.WriteUInt16BigEndian(writer.Buffer[(writer.Position + 4)..], (ushort)RecordClass.Chaos);
        writer.Buffer[writer.Position + RecordSet.HeadLength] = (byte)text.Length;
        text.CopyTo(writer.Buffer[(writer.Position + RecordSet.HeadLength + 1)..]);
        writer.Position += RecordSet.HeadLength + 1 + text.Length;
        writer.Answers = 1;
        writer.IsAuthoritative = true;
    }
}
