using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Securely.Log;

/// <summary>
/// Sends to a syslog server as RFC 5424 says: over UDP (RFC 5426) and Unix sockets a datagram a record, over TCP with the length before each (RFC 6587 3.4.1). The facility is
/// user. A connection that broke is made anew for the next batch.
/// </summary>
internal sealed class SyslogTarget(string url) : LogTarget
{
    private readonly SocketAddressText _address = SocketAddressText.Parse(url, 514);
    private readonly string _host = Field(Environment.MachineName, 255);
    private readonly string _process = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
    private Socket? _socket;

    public override async ValueTask WriteAsync(IReadOnlyList<LogLine> lines, CancellationToken cancellationToken)
    {
        try
        {
            _socket ??= await _address.ConnectAsync(cancellationToken).ConfigureAwait(false);
            foreach (var line in lines)
                await SendAsync(_socket, Encoding.UTF8.GetBytes(Format(line)), cancellationToken).ConfigureAwait(false);
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

    private string Format(LogLine line) => string.Create(
        CultureInfo.InvariantCulture,
        $"<{(1 * 8) + line.Record.Severity.SyslogNumber}>1 {line.Record.Time.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.ffffff}Z {_host} {Field(line.Record.Channel, 48)} {_process} - - {line.Text.TrimEnd()}");

    private async ValueTask SendAsync(Socket socket, byte[] message, CancellationToken cancellationToken)
    {
        if (socket.SocketType == SocketType.Stream)
            message = [.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{message.Length} ")), .. message];
        for (var sent = 0; sent < message.Length;)
            sent += await socket.SendAsync(message.AsMemory(sent), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A field of the header: printable ASCII without blanks.</summary>
    private static string Field(string text, int most)
    {
        var safe = string.Concat(text.Take(most).Select(letter => letter is > ' ' and < '\x7f' ? letter : '_'));
        return safe.Length == 0 ? "-" : safe;
    }
}
