using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Xunit;

namespace Securely.Testing;

/// <summary>A client over a plain socket, or inside of TLS, that sends literal bytes and reads responses with a parser of its own.</summary>
/// <example><!-- given: using Xunit; System.Net.EndPoint endPoint = null!; --><code>
/// await using var client = await RawClient.ConnectAsync(endPoint);
/// await client.SendAsync("GET / HTTP/1.1\r\nHost: app.test\r\n\r\n");
/// Assert.Equal(200, (await client.ReadResponseAsync()).Status);
/// </code></example>
public sealed class RawClient : RawConnection
{
    private RawClient(Socket socket)
        : base(socket)
    {
    }

    /// <summary>Connects to a TCP or Unix socket.</summary>
    /// <param name="endPoint">Where to.</param>
    /// <param name="receiveBuffer">Bytes the kernel may hold for a client that does not read; null for the system's default.</param>
    /// <exception cref="IOException">The connection is refused.</exception>
    public static async Task<RawClient> ConnectAsync(EndPoint endPoint, int? receiveBuffer = null)
    {
        var unix = endPoint is UnixDomainSocketEndPoint;
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, unix ? ProtocolType.Unspecified : ProtocolType.Tcp);
        try
        {
            if (receiveBuffer is { } bytes)
                socket.ReceiveBufferSize = bytes;
            await Deadline.RunAsync(
                async token =>
                {
                    await socket.ConnectAsync(endPoint, token);
                    return true;
                },
                Deadline.Transfer,
                () => $"a connection to [{endPoint}]",
                TestContext.Current.CancellationToken);
            return new RawClient(socket);
        }
        catch (SocketException error)
        {
            socket.Dispose();
            throw new IOException($"No connection to [{endPoint}]: {error.SocketErrorCode}", error);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Connects and speaks TLS.</summary>
    /// <param name="endPoint">Where to.</param>
    /// <param name="options">Whom to trust, and what to ask for.</param>
    /// <param name="receiveBuffer">Bytes the kernel may hold for a client that does not read; null for the system's default.</param>
    /// <exception cref="IOException">The connection is refused, or ends in the handshake.</exception>
    /// <exception cref="System.Security.Authentication.AuthenticationException">The handshake failed.</exception>
    public static async Task<RawClient> ConnectTlsAsync(EndPoint endPoint, SslClientAuthenticationOptions options, int? receiveBuffer = null)
    {
        var client = await ConnectAsync(endPoint, receiveBuffer);
        try
        {
            await client.BeginTlsAsync(options);
            return client;
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends a request and reads the next response.</summary>
    public async Task<RawResponse> ExchangeAsync(string request, Delivery delivery = Delivery.Whole)
    {
        await SendAsync(request, delivery);
        return await ReadResponseAsync(request[..Math.Max(0, request.IndexOf(' ', StringComparison.Ordinal))]);
    }

    /// <summary>Reads the head of a response and leaves its body unread.</summary>
    public async Task<RawResponse> ReadHeadAsync()
    {
        var head = await ReadUntilAsync("\r\n\r\n");
        return RawMessage.ResponseHead(head, System.Text.Encoding.Latin1.GetBytes(head));
    }

    /// <summary>Reads one response; an informational one is a response of its own, without a body.</summary>
    /// <param name="method">The method of the request: the response to HEAD has no body, nor has a 2xx to CONNECT.</param>
    /// <exception cref="EndOfStreamException">The connection ended inside of the response.</exception>
    /// <exception cref="InvalidDataException">The bytes are no HTTP/1 response.</exception>
    public async Task<RawResponse> ReadResponseAsync(string method = "GET")
    {
        var head = await ReadHeadAsync();
        if (HasNoBody(head, method))
            return head;
        if (RawMessage.IsChunked(head.Headers))
            return await ReadChunkedAsync(head);
        if (RawMessage.ContentLength(head.Headers) is { } length)
            return WithBody(head, await ReadExactAsync(length));
        var rest = await ReadToEndAsync();
        return rest.End is ConnectionEnd.Finished
            ? WithBody(head, rest.Bytes) with { EndedByClose = true }
            : throw new EndOfStreamException($"Connection to [{RemoteEndPoint}] was reset after {rest.Bytes.Length} bytes of a body that its end delimits");
    }

    private static bool HasNoBody(RawResponse head, string method) =>
        head.Status is (>= 100 and < 200) or 204 or 304 || method == "HEAD" || (method == "CONNECT" && head.Status is >= 200 and < 300);

    private static RawResponse WithBody(RawResponse head, byte[] body) => head with { Body = body, Raw = [.. head.Raw, .. body] };

    private async Task<RawResponse> ReadChunkedAsync(RawResponse head)
    {
        var chunked = await RawChunks.ReadAsync(this);
        return head with { Body = chunked.Body, Trailers = chunked.Trailers, WasChunked = true, Raw = [.. head.Raw, .. chunked.Raw] };
    }
}
