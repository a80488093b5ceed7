using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Securely.Dns;

/// <summary>
/// A question as it goes to an upstream, and the judge of what comes back (RFC 5452): number, question, the case of its letters (0x20) and cookie have to
/// be right.
/// </summary>
internal sealed class UpstreamQuery
{
    private const int PaddedTo = 128;
    private readonly UpstreamState _upstream;
    private readonly int _questionEnd;

    /// <summary>Puts a question together.</summary>
    /// <param name="key">What is asked.</param>
    /// <param name="upstream">Whom.</param>
    /// <param name="isOpen">Whether it goes over a datagram, where everybody could answer.</param>
    /// <param name="isPadded">Whether its size shall say nothing (RFC 8467).</param>
    internal UpstreamQuery(ForwardKey key, UpstreamState upstream, bool isOpen, bool isPadded = false)
    {
        _upstream = upstream;
        var bytes = new byte[12 + key.Name.Length + 4 + 11 + 4 + 40 + 4 + PaddedTo];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)RandomNumberGenerator.GetInt32(65536));
        bytes[2] = 1;
        bytes[3] = (byte)((key.Flags & QuestionFlags.CheckingDisabled) != 0 ? 0x10 : 0);
        bytes[5] = 1;
        key.Name.CopyTo(bytes, 12);
        if (isOpen && upstream.KeepsCase)
            Mix(bytes.AsSpan(12, key.Name.Length));
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(12 + key.Name.Length), (ushort)key.Type);
        bytes[15 + key.Name.Length] = (byte)RecordClass.In;
        _questionEnd = 16 + key.Name.Length;
        var length = upstream.HasEdns ? WriteEdns(bytes, key.Flags, !isPadded, isPadded) : _questionEnd;
        Bytes = bytes[..length];
    }

    /// <summary>The message.</summary>
    internal byte[] Bytes { get; }

    /// <summary>Judges what came.</summary>
    /// <param name="reply">The message.</param>
    /// <param name="isOpen">Whether it came over a datagram.</param>
    /// <param name="answer">The answer, when it is one.</param>
    internal ReplyVerdict Judge(ReadOnlySpan<byte> reply, bool isOpen, out DnsMessage? answer)
    {
        answer = null;
        if (reply.Length < 12 || reply[0] != Bytes[0] || reply[1] != Bytes[1] || (reply[2] & 0xF8) != 0x80)
            return ReplyVerdict.Stranger;
        // A server that could not read the question sends it back without; one that shows EDNS had no trouble with that.
        if (BinaryPrimitives.ReadUInt16BigEndian(reply[4..]) == 0 && (reply[3] & 15) is 1 or 4)
            return QueryReader.ShowsEdns(reply) ? ReplyVerdict.Malformed : ReplyVerdict.Misunderstood;
        if (BinaryPrimitives.ReadUInt16BigEndian(reply[4..]) != 1 || reply.Length < _questionEnd || !WireName.AreEqual(reply[12.._questionEnd], Bytes.AsSpan(12, _questionEnd - 12)))
            return ReplyVerdict.Stranger;
        var hasCase = reply[12.._questionEnd].SequenceEqual(Bytes.AsSpan(12, _questionEnd - 12));
        if (!hasCase && isOpen)
            return ReplyVerdict.Doubtful;
        if (isOpen && (reply[2] & 2) != 0)
            return ReplyVerdict.Truncated;
        if (!DnsMessage.TryDecode(reply, out answer))
            return ReplyVerdict.Malformed;
        if (answer.Code is ResponseCode.Malformed or ResponseCode.NotImplemented && answer.Edns is null && _upstream.HasEdns)
            return ReplyVerdict.Misunderstood;
        return JudgeCookie(answer, isOpen);
    }

    /// <summary>Whether a reply over a stream has other letters than the question.</summary>
    internal bool HasOtherCase(ReadOnlySpan<byte> reply) => !reply[12.._questionEnd].SequenceEqual(Bytes.AsSpan(12, _questionEnd - 12));

    private ReplyVerdict JudgeCookie(DnsMessage answer, bool isOpen)
    {
        if (answer.Edns?.Find(EdnsOptionCode.Cookie) is not { Length: >= 8 } cookie)
            return isOpen && _upstream.ServerCookie is not null ? ReplyVerdict.Doubtful : ReplyVerdict.Answer;
        if (!cookie.Span[..8].SequenceEqual(_upstream.ClientCookie))
            return ReplyVerdict.Stranger;
        if (cookie.Length is >= 16 and <= 40)
            _upstream.ServerCookie = cookie[8..].ToArray();
        return answer.Code == ResponseCode.BadCookie ? ReplyVerdict.Doubtful : ReplyVerdict.Answer;
    }

    private int WriteEdns(byte[] bytes, QuestionFlags flags, bool hasCookie, bool isPadded)
    {
        var opt = bytes.AsSpan(_questionEnd);
        bytes[11] = 1;
        BinaryPrimitives.WriteUInt16BigEndian(opt[1..], (ushort)RecordType.Opt);
        BinaryPrimitives.WriteUInt16BigEndian(opt[3..], 1232);
        opt[7] = (byte)((flags & QuestionFlags.WantsProof) != 0 ? 0x80 : 0);
        var length = 0;
        if (hasCookie)
        {
            var server = _upstream.ServerCookie ?? [];
            BinaryPrimitives.WriteUInt16BigEndian(opt[11..], (ushort)EdnsOptionCode.Cookie);
            BinaryPrimitives.WriteUInt16BigEndian(opt[13..], (ushort)(8 + server.Length));
            _upstream.ClientCookie.CopyTo(opt[15..]);
            server.CopyTo(opt[23..]);
            length = 12 + server.Length;
        }

        if (isPadded)
        {
            var left = PaddedTo - ((_questionEnd + 11 + 4) % PaddedTo);
            BinaryPrimitives.WriteUInt16BigEndian(opt[11..], (ushort)EdnsOptionCode.Padding);
            BinaryPrimitives.WriteUInt16BigEndian(opt[13..], (ushort)left);
            length = 4 + left;
        }

        BinaryPrimitives.WriteUInt16BigEndian(opt[9..], (ushort)length);
        return _questionEnd + 11 + length;
    }

    // A bit for each letter that a forger has to guess too.
    private static void Mix(Span<byte> name)
    {
        Span<byte> bits = stackalloc byte[WireName.Maximum];
        RandomNumberGenerator.Fill(bits[..name.Length]);
        for (var i = 0; i < name.Length; i++)
        {
            if ((uint)(name[i] - 'a') <= 'z' - 'a' && (bits[i] & 1) != 0)
                name[i] &= 0xDF;
        }
    }
}

/// <summary>What a reply is.</summary>
internal enum ReplyVerdict
{
    /// <summary>The answer.</summary>
    Answer,

    /// <summary>Nothing that was asked for: the wait goes on.</summary>
    Stranger,

    /// <summary>It could be forged: a stream cannot.</summary>
    Doubtful,

    /// <summary>It did not fit.</summary>
    Truncated,

    /// <summary>It matches, and cannot be read.</summary>
    Malformed,

    /// <summary>The upstream does not know EDNS.</summary>
    Misunderstood,
}
