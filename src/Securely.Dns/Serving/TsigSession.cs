using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Securely.Dns;

/// <summary>
/// The signature of a request and of what answers it (RFC 8945): verified over the bytes as they came, and continued over all messages of a
/// transfer. One thread at a time.
/// </summary>
internal sealed class TsigSession
{
    private const ushort DefaultFudge = 300;
    private readonly byte[] _keyName;
    private readonly byte[] _algorithm;
    private readonly byte[] _other;
    private readonly ulong _time;
    private readonly ushort _fudge;
    private readonly ushort _originalId;
    private byte[] _previous;
    private bool _first = true;

    private TsigSession(byte[] keyName, byte[] algorithm, ulong time, ushort fudge, byte[] mac, ushort originalId, byte[] other)
    {
        (_keyName, _algorithm, _time, _fudge, _previous, _originalId, _other) = (keyName, algorithm, time, fudge, mac, originalId, other);
    }

    /// <summary>The key; null when it is not known.</summary>
    internal TsigKey? Key { get; private set; }

    /// <summary>What is wrong with the signature.</summary>
    internal ResponseCode Error { get; private set; }

    /// <summary>The most bytes that a signature takes in an answer.</summary>
    internal int Length => _keyName.Length + 10 + _algorithm.Length + 16 + 64 + 6;

    /// <summary>The bytes that the signature of the answer takes.</summary>
    internal int AnswerLength => _keyName.Length + 10 + _algorithm.Length + 16 + (IsSigned ? Key!.HashLength : 0) + (Error == ResponseCode.BadTime ? 6 : 0);

    // A wrong key or signature is told without one; a wrong clock is told with one, and the client's time (RFC 8945, 5.2.3).
    private bool IsSigned => Key is not null && Error is ResponseCode.Success or ResponseCode.BadTime;

    /// <summary>Reads and judges the signature of a request.</summary>
    /// <param name="message">The request.</param>
    /// <param name="start">Where TSIG begins, which is the last record.</param>
    /// <param name="keys">The keys that are known.</param>
    /// <param name="now">Seconds since 1970.</param>
    /// <returns>Null when the record is malformed.</returns>
    internal static TsigSession? Verify(ReadOnlySpan<byte> message, int start, IReadOnlyList<TsigKey> keys, long now)
    {
        if (Read(message, start) is not { } session)
            return null;
        var name = DomainName.OfValid(session._keyName);
        session.Key = keys.FirstOrDefault(key => key.Name.Equals(name) && WireName.AreEqual(key.AlgorithmName.Wire, session._algorithm));
        if (session.Key is null)
        {
            session.Error = ResponseCode.BadKey;
            return session;
        }

        var expected = session.Sign(message[..start], session.Key, isRequest: true, session._time, 0, session._other);
        var mac = session._previous;
        // A shortened signature has at least half of the bytes, and 10 (RFC 8945, 5.2.2.1).
        if (mac.Length > expected.Length || mac.Length < Math.Max(10, expected.Length / 2))
            return null;
        if (!CryptographicOperations.FixedTimeEquals(expected.AsSpan(0, mac.Length), mac))
            session.Error = ResponseCode.BadVersion;
        // Whoever has heard a message may repeat it for so long: the sender does not choose that alone.
        else if (Math.Abs(now - (long)session._time) > Math.Min(session._fudge, DefaultFudge))
            session.Error = ResponseCode.BadTime;
        return session;
    }

    /// <summary>Signs an answer and appends the signature.</summary>
    /// <param name="response">The answer with room behind it.</param>
    /// <param name="length">How many bytes it has.</param>
    /// <param name="now">Seconds since 1970.</param>
    /// <returns>How many bytes it has now.</returns>
    internal int Append(Span<byte> response, int length, long now)
    {
        Span<byte> clock = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(clock, (ulong)now);
        var other = Error == ResponseCode.BadTime ? clock[2..] : [];
        var time = Error == ResponseCode.BadTime ? _time : (ulong)now;
        var mac = IsSigned ? Sign(response[..length], Key!, isRequest: false, time, (ushort)Error, other) : [];
        BinaryPrimitives.WriteUInt16BigEndian(response[10..], (ushort)(BinaryPrimitives.ReadUInt16BigEndian(response[10..]) + 1));
        length = Write(response, length, mac, time, other);
        _previous = mac;
        _first = false;
        return length;
    }

    private int Write(Span<byte> response, int length, ReadOnlySpan<byte> mac, ulong time, ReadOnlySpan<byte> other)
    {
        Span<byte> head = stackalloc byte[10];
        _keyName.CopyTo(response[length..]);
        length += _keyName.Length;
        head.Clear();
        BinaryPrimitives.WriteUInt16BigEndian(head, (ushort)RecordType.Tsig);
        BinaryPrimitives.WriteUInt16BigEndian(head[2..], (ushort)RecordClass.Any);
        BinaryPrimitives.WriteUInt16BigEndian(head[8..], (ushort)(_algorithm.Length + 16 + mac.Length + other.Length));
        head.CopyTo(response[length..]);
        length += 10;
        _algorithm.CopyTo(response[length..]);
        length += _algorithm.Length;
        WriteTimers(time, DefaultFudge, head);
        head[..8].CopyTo(response[length..]);
        BinaryPrimitives.WriteUInt16BigEndian(response[(length + 8)..], (ushort)mac.Length);
        mac.CopyTo(response[(length + 10)..]);
        length += 10 + mac.Length;
        BinaryPrimitives.WriteUInt16BigEndian(response[length..], _originalId);
        BinaryPrimitives.WriteUInt16BigEndian(response[(length + 2)..], (ushort)Error);
        BinaryPrimitives.WriteUInt16BigEndian(response[(length + 4)..], (ushort)other.Length);
        other.CopyTo(response[(length + 6)..]);
        return length + 6 + other.Length;
    }

    // What is signed: the MAC before, the message with its original number, and the variables; the timers alone after the first message.
    private byte[] Sign(ReadOnlySpan<byte> message, TsigKey key, bool isRequest, ulong time, ushort error, ReadOnlySpan<byte> other)
    {
        using var hash = key.Begin();
        Span<byte> part = stackalloc byte[12];
        if (!isRequest)
        {
            BinaryPrimitives.WriteUInt16BigEndian(part, (ushort)_previous.Length);
            hash.AppendData(part[..2]);
            hash.AppendData(_previous);
        }

        message[..12].CopyTo(part);
        if (isRequest)
        {
            BinaryPrimitives.WriteUInt16BigEndian(part, _originalId);
            BinaryPrimitives.WriteUInt16BigEndian(part[10..], (ushort)(BinaryPrimitives.ReadUInt16BigEndian(part[10..]) - 1));
        }

        hash.AppendData(part);
        hash.AppendData(message[12..]);
        if (isRequest || _first)
            AppendNames(hash);
        WriteTimers(time, isRequest ? _fudge : DefaultFudge, part);
        hash.AppendData(part[..8]);
        if (isRequest || _first)
        {
            BinaryPrimitives.WriteUInt16BigEndian(part, error);
            BinaryPrimitives.WriteUInt16BigEndian(part[2..], (ushort)other.Length);
            hash.AppendData(part[..4]);
            hash.AppendData(other);
        }

        return hash.GetHashAndReset();
    }

    private void AppendNames(IncrementalHash hash)
    {
        Span<byte> lower = stackalloc byte[WireName.Maximum];
        WireName.ToLower(_keyName, lower);
        hash.AppendData(lower[.._keyName.Length]);
        // Class ANY and a TTL of 0.
        hash.AppendData([0, 255, 0, 0, 0, 0]);
        WireName.ToLower(_algorithm, lower);
        hash.AppendData(lower[.._algorithm.Length]);
    }

    private static void WriteTimers(ulong time, ushort fudge, Span<byte> target)
    {
        BinaryPrimitives.WriteUInt16BigEndian(target, (ushort)(time >> 32));
        BinaryPrimitives.WriteUInt32BigEndian(target[2..], (uint)time);
        BinaryPrimitives.WriteUInt16BigEndian(target[6..], fudge);
    }

    private static TsigSession? Read(ReadOnlySpan<byte> message, int at)
    {
        Span<byte> key = stackalloc byte[WireName.Maximum], algorithm = stackalloc byte[WireName.Maximum];
        if (!WireName.TryRead(message, ref at, key, out var keyLength) || at + 10 > message.Length)
            return null;
        // Its class is ANY and its TTL 0 (RFC 8945, 4.2), which the signature covers as such.
        if (BinaryPrimitives.ReadUInt16BigEndian(message[(at + 2)..]) != (ushort)RecordClass.Any || BinaryPrimitives.ReadUInt32BigEndian(message[(at + 4)..]) != 0)
            return null;
        at += 10;
        if (!WireName.TryRead(message, ref at, algorithm, out var algorithmLength) || at + 10 > message.Length)
            return null;
        var time = ((ulong)BinaryPrimitives.ReadUInt16BigEndian(message[at..]) << 32) | BinaryPrimitives.ReadUInt32BigEndian(message[(at + 2)..]);
        var fudge = BinaryPrimitives.ReadUInt16BigEndian(message[(at + 6)..]);
        var macLength = BinaryPrimitives.ReadUInt16BigEndian(message[(at + 8)..]);
        at += 10;
        if (at + macLength + 6 > message.Length)
            return null;
        var mac = message.Slice(at, macLength).ToArray();
        at += macLength;
        var other = BinaryPrimitives.ReadUInt16BigEndian(message[(at + 4)..]);
        if (at + 6 + other != message.Length)
            return null;
        return new TsigSession(key[..keyLength].ToArray(), algorithm[..algorithmLength].ToArray(), time, fudge, mac, BinaryPrimitives.ReadUInt16BigEndian(message[at..]), message[(at + 6)..].ToArray());
    }
}
