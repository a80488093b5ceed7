using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Securely.Net;

namespace Securely.Dns;

/// <summary>Chooses and puts together the records of one thread. It allocates nothing.</summary>
internal sealed class QueryRecorder(DnsQueryLog log, LogRing queue, double sample, int number)
{
    private readonly byte[] _record = new byte[Unsafe.SizeOf<QueryLogHead>() + WireName.Maximum];
    private readonly ulong _threshold = sample >= 1 ? ulong.MaxValue : (ulong)(sample * ulong.MaxValue);

    // Any start but 0 will do; threads must not choose alike.
    private ulong _random = 0x9E3779B97F4A7C15 * (ulong)number;

    internal LogRing Queue { get; } = queue;

    /// <summary>Whether the next question gets a line.</summary>
    internal bool IsChosen()
    {
        if (_threshold == ulong.MaxValue)
            return true;
        // xorshift64 (Marsaglia 2003).
        _random ^= _random << 13;
        _random ^= _random >> 7;
        _random ^= _random << 17;
        return _random < _threshold;
    }

    /// <summary>Adds a record.</summary>
    /// <param name="head">The numbers; the time is set here.</param>
    /// <param name="name">The name in wire form; empty where it could not be read.</param>
    internal void Add(ref QueryLogHead head, ReadOnlySpan<byte> name)
    {
        head.Time = log.Now;
        MemoryMarshal.Write(_record, in head);
        name.CopyTo(_record.AsSpan(Unsafe.SizeOf<QueryLogHead>()));
        log.Add(this, _record.AsSpan(0, Unsafe.SizeOf<QueryLogHead>() + name.Length));
    }
}

/// <summary>The numbers of a question as they wait to be written; the name follows them.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct QueryLogHead
{
    internal long Time;
    internal int Size;
    internal ResponseCode Code;
    internal OpCode Operation;
    internal RecordType Type;
    internal RecordClass Class;
    internal DnsTransport Transport;
    internal bool IsAuthoritative;
    internal bool IsTruncated;
    internal bool IsLimited;
    internal bool WantsRecursion;
    private byte _addressLength;
    private AddressBytes _address;

    /// <summary>The client's address.</summary>
    internal readonly byte[] Address()
    {
        ReadOnlySpan<byte> bytes = _address;
        return bytes[.._addressLength].ToArray();
    }

    internal void SetAddress(ReadOnlySpan<byte> address)
    {
        address.CopyTo(_address);
        _addressLength = (byte)address.Length;
    }

    [InlineArray(16)]
    private struct AddressBytes
    {
        private byte _first;
    }
}
