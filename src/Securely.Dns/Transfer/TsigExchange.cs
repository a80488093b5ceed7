using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Securely.Dns;

/// <summary>
/// The signatures of a question that we ask and of everything that answers it (RFC 8945): the answer is verified over its bytes as they came, and a
/// transfer over all of its messages, of which some may be unsigned. One thread at a time.
/// </summary>
internal sealed class TsigExchange(TsigKey key, TimeProvider time) : IDisposable
{
    private const ushort Fudge = 300;

    // RFC 8945, 5.3.1: at least every hundredth message is signed.
    private const int MostUnsigned = 99;

    private readonly IncrementalHash _hash = key.Begin();
    private readonly MemoryStream _unsigned = new();
    private byte[] _previous = [];
    private bool _isFirst = true;
    private int _unsignedCount;

    /// <summary>Whether the last message was signed, without which nothing of what came since the one before it counts.</summary>
    internal bool IsComplete => !_isFirst && _unsignedCount == 0;

    private long Now => time.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>Signs a question.</summary>
    /// <returns>The message with its signature.</returns>
    internal byte[] Sign(ReadOnlySpan<byte> message)
    {
        var timers = Timers((ulong)Now, Fudge);
        _hash.AppendData(message);
        AppendVariables(timers, 0, []);
        _previous = _hash.GetHashAndReset();
        using var signed = new MemoryStream();
        signed.Write(message);
        signed.Write(key.Name.Wire);
        Write16(signed, (ushort)RecordType.Tsig, (ushort)RecordClass.Any, 0, 0, (ushort)(key.AlgorithmName.Wire.Length + 16 + _previous.Length));
        signed.Write(key.AlgorithmName.Wire);
        signed.Write(timers);
        Write16(signed, (ushort)_previous.Length);
        signed.Write(_previous);
        signed.Write(message[..2]);
        Write16(signed, 0, 0);
        var bytes = signed.ToArray();
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(10), (ushort)(BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(10)) + 1));
        return bytes;
    }

    /// <summary>Verifies the next message of the answer.</summary>
    /// <returns>Why it must not be believed; null when all is well.</returns>
    internal string? Verify(ReadOnlySpan<byte> message)
    {
        var walker = new RecordWalker(message);
        var start = 0;
        while (walker.Next())
            start = walker.Type == RecordType.Tsig ? walker.Start : 0;
        if (walker.IsMalformed)
            return "it is malformed";
        if (start == 0)
            return TakeUnsigned(message);
        if (!TsigFields.TryRead(message, start, out var fields))
            return "its signature is malformed";
        if (fields.Error != 0)
            return $"it did not accept our signature (error {fields.Error})";
        if (!fields.KeyName.Equals(key.Name) || !fields.Algorithm.Equals(key.AlgorithmName))
            return $"it is signed with the key [{fields.KeyName}]";
        return Judge(message, start, fields);
    }

    public void Dispose()
    {
        _hash.Dispose();
        _unsigned.Dispose();
    }

    private string? TakeUnsigned(ReadOnlySpan<byte> message)
    {
        if (_isFirst)
            return "it is not signed";
        if (++_unsignedCount > MostUnsigned)
            return "too many of its messages are not signed";
        _unsigned.Write(message);
        return null;
    }

    private string? Judge(ReadOnlySpan<byte> message, int start, TsigFields fields)
    {
        Span<byte> head = stackalloc byte[12];
        BinaryPrimitives.WriteUInt16BigEndian(head, (ushort)_previous.Length);
        _hash.AppendData(head[..2]);
        _hash.AppendData(_previous);
        _hash.AppendData(_unsigned.GetBuffer().AsSpan(0, (int)_unsigned.Length));
        message[..12].CopyTo(head);
        BinaryPrimitives.WriteUInt16BigEndian(head, fields.OriginalId);
        BinaryPrimitives.WriteUInt16BigEndian(head[10..], (ushort)(BinaryPrimitives.ReadUInt16BigEndian(head[10..]) - 1));
        _hash.AppendData(head);
        _hash.AppendData(message[12..start]);
        var timers = Timers(fields.Time, fields.Fudge);
        if (_isFirst)
            AppendVariables(timers, fields.Error, fields.Other);
        else
            _hash.AppendData(timers);
        var expected = _hash.GetHashAndReset();
        _unsigned.SetLength(0);
        _unsignedCount = 0;
        _isFirst = false;
        _previous = fields.Mac;
        if (fields.Mac.Length > expected.Length || fields.Mac.Length < Math.Max(10, expected.Length / 2) || !CryptographicOperations.FixedTimeEquals(expected.AsSpan(0, fields.Mac.Length), fields.Mac))
            return "its signature is wrong";
        return Math.Abs(Now - (long)fields.Time) > fields.Fudge ? "its clock differs too much from ours" : null;
    }

    private void AppendVariables(byte[] timers, ushort error, byte[] other)
    {
        Span<byte> part = stackalloc byte[6];
        _hash.AppendData(key.Name.Lower);
        BinaryPrimitives.WriteUInt16BigEndian(part, (ushort)RecordClass.Any);
        part[2..].Clear();
        _hash.AppendData(part);
        _hash.AppendData(key.AlgorithmName.Lower);
        _hash.AppendData(timers);
        BinaryPrimitives.WriteUInt16BigEndian(part, error);
        BinaryPrimitives.WriteUInt16BigEndian(part[2..], (ushort)other.Length);
        _hash.AppendData(part[..4]);
        _hash.AppendData(other);
    }

    private static byte[] Timers(ulong time, ushort fudge)
    {
        var timers = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(timers, (time << 16) | fudge);
        return timers;
    }

    private static void Write16(MemoryStream target, params ReadOnlySpan<ushort> values)
    {
        Span<byte> bytes = stackalloc byte[2];
        foreach (var value in values)
        {
            BinaryPrimitives.WriteUInt16BigEndian(bytes, value);
            target.Write(bytes);
        }
    }
}

/// <summary>What a TSIG record says (RFC 8945, 4.2).</summary>
internal readonly record struct TsigFields(DomainName KeyName, DomainName Algorithm, ulong Time, ushort Fudge, byte[] Mac, ushort OriginalId, ushort Error, byte[] Other)
{
    /// <summary>Reads the record that begins there and ends the message.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> message, int at, out TsigFields fields)
    {
        fields = default;
        Span<byte> key = stackalloc byte[WireName.Maximum], algorithm = stackalloc byte[WireName.Maximum];
        if (!WireName.TryRead(message, ref at, key, out var keyLength) || at + 10 > message.Length)
            return false;
        at += 10;
        if (!WireName.TryRead(message, ref at, algorithm, out var algorithmLength) || at + 10 > message.Length)
            return false;
        var timers = BinaryPrimitives.ReadUInt64BigEndian(message[at..]);
        var macLength = BinaryPrimitives.ReadUInt16BigEndian(message[(at + 8)..]);
        at += 10;
        if (at + macLength + 6 > message.Length || at + macLength + 6 + BinaryPrimitives.ReadUInt16BigEndian(message[(at + macLength + 4)..]) != message.Length)
            return false;
        var rest = message[(at + macLength)..];
        fields = new TsigFields(
            DomainName.OfValid(key[..keyLength]), DomainName.OfValid(algorithm[..algorithmLength]), timers >> 16, (ushort)timers, message.Slice(at, macLength).ToArray(),
            BinaryPrimitives.ReadUInt16BigEndian(rest), BinaryPrimitives.ReadUInt16BigEndian(rest[2..]), rest[6..].ToArray());
        return true;
    }
}
