using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Securely.Net;

/// <summary>An accepted connection whose bytes the kernel stamps with the time of their arrival (LIS-12). It reads through a larger call than the others.</summary>
internal sealed unsafe class TimestampedConnection(Worker worker, int descriptor, EndPoint? remote) : EpollConnection(worker, descriptor, remote)
{
    /// <summary>SO_TIMESTAMPING; also the type of the control message.</summary>
    internal const int TimestampOption = 37;

    /// <summary>SOF_TIMESTAMPING_RX_SOFTWARE and SOF_TIMESTAMPING_SOFTWARE: stamp on arrival, and tell.</summary>
    internal const int SoftwareReceive = 8 | 16;

    private const int SocketLevel = 1;
    private const int ControlSize = 128;

    private long _receivedTicks;

    internal override DateTimeOffset? LastReceivedAt => _receivedTicks == 0 ? null : DateTimeOffset.UnixEpoch.AddTicks(_receivedTicks);

    [SkipLocalsInit]
    private protected override int Receive(Span<byte> buffer, out SocketError error)
    {
        var control = stackalloc byte[ControlSize];
        fixed (byte* start = buffer)
        {
            var segment = new LinuxCalls.Segment { Start = start, Length = buffer.Length };
            while (true)
            {
                var message = default(LinuxCalls.MessageHeader);
                message.Segments = &segment;
                message.SegmentCount = 1;
                message.Control = control;
                message.ControlLength = ControlSize;
                var count = (int)LinuxCalls.ReceiveMessage(Descriptor, &message, 0);
                if (count >= 0)
                {
                    error = SocketError.Success;
                    Note(control, message.ControlLength);
                    return count;
                }

                if (count == -LinuxCalls.Interrupted)
                    continue;
                error = LinuxAddress.ToSocketError(-count);
                return -1;
            }
        }
    }

    /// <summary>Finds the kernel's message: length (8 bytes), level and type (4 each), then seconds and nanoseconds (8 each) of the software's stamp.</summary>
    private void Note(byte* control, nint length)
    {
        const int Header = 16;
        for (nint at = 0; at + Header + 16 <= length;)
        {
            var size = *(nint*)(control + at);
            if (size < Header)
                return;
            if (*(int*)(control + at + 8) == SocketLevel && *(int*)(control + at + 12) == TimestampOption)
            {
                var seconds = *(long*)(control + at + Header);
                var nanoseconds = *(long*)(control + at + Header + 8);
                if (seconds != 0)
                    _receivedTicks = (seconds * TimeSpan.TicksPerSecond) + (nanoseconds / TimeSpan.NanosecondsPerTick);
                return;
            }

            at += (size + 7) & ~7;
        }
    }
}
