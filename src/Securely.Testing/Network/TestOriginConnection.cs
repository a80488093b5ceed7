using System.Net.Sockets;
using System.Text;

namespace Securely.Testing;

/// <summary>One connection that a <see cref="TestOrigin"/> accepted; its script reads and writes here.</summary>
public sealed class TestOriginConnection : RawConnection
{
    private readonly TestOrigin _origin;
    private RecordedRequest? _request;

    internal TestOriginConnection(TestOrigin origin, Socket socket, int index)
        : base(socket)
    {
        _origin = origin;
        Index = index;
    }

    /// <summary>The how manieth connection this is, from 0.</summary>
    public int Index { get; }

    /// <summary>Reads a request's head as raw text, its empty line included.</summary>
    /// <exception cref="EndOfStreamException">The connection ended before; a script that ends with it has ended in order.</exception>
    public async Task<string> ReadHeadAsync() => Record(await ReadUntilAsync("\r\n\r\n"));

    /// <summary>Waits, without a limit, for a further request and reads its head; null when the connection ended in order or was reset instead.</summary>
    public async Task<string?> TryReadHeadAsync()
    {
        while (Unread == 0)
        {
            if (await ReceiveAsync(() => "a request", bounded: false) is not null)
                return null;
        }
        return await ReadHeadAsync();
    }

    /// <summary>Reads the body that <paramref name="head"/> announces, without its framing; a request without framing has none.</summary>
    public async Task<byte[]> ReadBodyAsync(string head)
    {
        var headers = RawMessage.Headers(head);
        var body = RawMessage.IsChunked(headers) ? (await RawChunks.ReadAsync(this)).Body
            : RawMessage.ContentLength(headers) is { } length ? await ReadExactAsync(length)
            : [];
        if (_request is not null)
            _request.Body = body;
        return body;
    }

    /// <summary>Sends <paramref name="body"/> as a 200 with a Content-Length.</summary>
    public Task SendOkAsync(string body, string headers = "") =>
        SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {Encoding.Latin1.GetByteCount(body)}\r\n{headers}\r\n{body}");

    private string Record(string head)
    {
        _request = _origin.Record(this, head);
        return head;
    }
}
