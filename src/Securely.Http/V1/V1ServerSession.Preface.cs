using System.Text;

namespace Securely.Http;

/// <content>A client on cleartext that begins with HTTP/2.</content>
internal sealed partial class V1ServerSession
{
    /// <summary>Whether the client has begun with the preface of HTTP/2; <see cref="Unread"/> holds it then.</summary>
    internal bool IsHttp2 { get; private set; }

    /// <summary>What has been read and not been parsed.</summary>
    internal ReadOnlyMemory<byte> Unread => _input.HeadBuffer.AsMemory(_input.HeadStart, _input.End - _input.HeadStart);

    /// <summary>
    /// Whether what has come is the preface of HTTP/2 (RFC 9113 3.3), or may become it: decided by the first byte that differs, so that nobody waits
    /// for more. Only the first bytes of a connection can be.
    /// </summary>
    private bool IsPreface()
    {
        if (RequestsBefore > 0 || !_settings.Http2 || _input.HeadBuffer[_input.HeadStart] != 'P' || _connection.IsEncrypted)
            return false;
        var preface = V2ServerConnection.ClientPreface;
        var received = _input.HeadBuffer.AsSpan(_input.HeadStart, Math.Min(_input.End - _input.HeadStart, preface.Length));
        if (!received.SequenceEqual(preface[..received.Length]))
            return false;
        IsHttp2 = received.Length == preface.Length;
        return true;
    }

    /// <summary>
    /// Whether what has come begins neither version: of the three words in a connection's first line, the second is no path and the last no version
    /// of anything. An answer of HTTP/1 is of no use to whoever sends that (RFC 9112 2.2), and a wrong preface needs none (RFC 9113 3.4).
    /// </summary>
    private bool BeginsNeither()
    {
        if (RequestsBefore > 0 || !_settings.Http2 || _connection.IsEncrypted)
            return false;
        ReadOnlySpan<byte> line = _input.HeadBuffer.AsSpan(_input.HeadStart, _input.End - _input.HeadStart);
        var end = line.IndexOf("\r\n"u8);
        line = end < 0 ? default : line[..end];
        var target = line[(line.IndexOf((byte)' ') + 1)..];
        var version = line[(line.LastIndexOf((byte)' ') + 1)..];
        return line.Count((byte)' ') == 2 && target[0] is not ((byte)'/' or (byte)'*')
            && !version.IsEmpty && !version.Contains((byte)'/') && !(version.Length >= 4 && Ascii.EqualsIgnoreCase(version[..4], "HTTP"u8));
    }
}
