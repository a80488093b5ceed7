using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Securely.Log;

/// <summary>Sends to systemd's journal in its own protocol: a datagram a record with the fields MESSAGE, PRIORITY and SYSLOG_IDENTIFIER.</summary>
internal sealed class JournaldTarget(string url) : LogTarget
{
    /// <summary>A longer message is cut off: a datagram has an end, and nobody reads so far.</summary>
    private const int MostBytes = 64 * 1024;

    private readonly SocketAddressText _address = SocketAddressText.Parse(url, 0);
    private Socket? _socket;

    public override async ValueTask WriteAsync(IReadOnlyList<LogLine> lines, CancellationToken cancellationToken)
    {
        try
        {
            _socket ??= await _address.ConnectAsync(cancellationToken).ConfigureAwait(false);
            foreach (var line in lines)
                await _socket.SendAsync(Format(line), cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public override ValueTask DisposeAsync()
    {
        _socket?.Dispose();
        _socket = null;
        return ValueTask.CompletedTask;
    }

    public override string ToString() => url;

    private static byte[] Format(LogLine line)
    {
        var datagram = new List<byte>();
        Add(datagram, "MESSAGE", line.Text.TrimEnd());
        Add(datagram, "PRIORITY", line.Record.Severity.SyslogNumber.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Add(datagram, "SYSLOG_IDENTIFIER", line.Record.Channel);
        return [.. datagram];
    }

    /// <summary>With the length before the value, so that nothing in it can begin another field.</summary>
    private static void Add(List<byte> datagram, string name, string value)
    {
        var bytes = Encoding.UTF8.GetBytes(value);
        var kept = bytes.AsSpan(0, Math.Min(bytes.Length, MostBytes));
        Span<byte> length = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(length, kept.Length);
        datagram.AddRange(Encoding.ASCII.GetBytes(name));
        datagram.Add((byte)'\n');
        datagram.AddRange(length);
        datagram.AddRange(kept);
        datagram.Add((byte)'\n');
    }
}
