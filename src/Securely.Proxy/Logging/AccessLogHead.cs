using System.Net;
using System.Runtime.InteropServices;
using Securely.Net;

namespace Securely.Proxy;

/// <summary>The numbers of a finished request, as they wait in a worker's queue. The texts follow it there.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct AccessLogHead
{
    /// <summary>When the request began, in ticks of UTC.</summary>
    internal long Time;
    internal long Duration;
    internal long UpstreamTicks;
    internal long Bytes;
    internal long RequestBytes;
    internal LogAddress Client;
    internal LogAddress Peer;
    internal LogAddress Upstream;
    internal int Status;
    internal int UpstreamStatus;
    internal int Tries;
    internal Http.HttpVersion Version;
    internal ErrorKind ErrorKind;
    internal ErrorSource ErrorSource;
    internal AccessLogFlags Flags;
}

/// <summary>What else is known of a request.</summary>
[Flags]
internal enum AccessLogFlags : byte
{
    None = 0,

    /// <summary>The upstream's connection had served a request before.</summary>
    Reused = 1,

    /// <summary>It failed; kind and source are set.</summary>
    Failed = 2,

    /// <summary>It could not be read, so there are no texts.</summary>
    Refused = 4,

    /// <summary>A text did not fit whole.</summary>
    Cut = 8,
}

/// <summary>An IP address and a port without an object.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LogAddress
{
    private ulong _high;
    private ulong _low;
    private byte _length;

    internal ushort Port;

    /// <summary>Whether there is an address.</summary>
    internal readonly bool IsSet => _length != 0;

    internal static LogAddress Of(IPAddress? address, int port = 0)
    {
        var made = default(LogAddress);
        if (address is null)
            return made;
        var bytes = MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref made._high, 2));
        if (address.TryWriteBytes(bytes, out var length))
            made._length = (byte)length;
        made.Port = (ushort)port;
        return made;
    }

    internal static LogAddress Of(EndPoint? endPoint) => endPoint is IPEndPoint ip ? Of(ip.Address, ip.Port) : default;

    /// <summary>Writes the address, with its port where there is one.</summary>
    internal readonly void Write(LogBuffer output)
    {
        var copy = this;
        var bytes = MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref copy._high, 2))[.._length];
        if (_length == 4)
            WriteIPv4(bytes, output);
        else
            WriteIPv6(bytes, output);
        if (Port == 0)
            return;
        output.Put(":"u8);
        output.PutNumber(Port);
    }

    private static void WriteIPv4(ReadOnlySpan<byte> bytes, LogBuffer output)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            if (i > 0)
                output.Put("."u8);
            output.PutNumber(bytes[i]);
        }
    }

    private readonly void WriteIPv6(ReadOnlySpan<byte> bytes, LogBuffer output)
    {
        var address = new IPAddress(bytes);
        if (Port != 0)
            output.Put("["u8);
        address.TryFormat(output.Room(64), out var written);
        output.Advance(written);
        if (Port != 0)
            output.Put("]"u8);
    }
}
