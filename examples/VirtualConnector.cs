using System.Net;
using System.Text;
using Securely.Hosting;
using Securely.Http;
using Securely.Net;
using Securely.Proxy;

namespace Securely.Examples;

/// <summary>
/// An upstream without a socket: the peer makes its connections itself, as a pair in memory, and the other end is served inside the process.
/// Pooling, timeouts and retries work as for any upstream.
/// </summary>
/// <remarks>Try <c>curl 127.0.0.1:8080/ 127.0.0.1:8080/</c>: both requests use one connection.</remarks>
internal sealed class VirtualUpstream : HttpProxy<object?>
{
    // The address is only a name here: it tells peers apart in logs and in the pool.
    private readonly HttpPeer _virtual = new(new IPEndPoint(IPAddress.None, 0)) { Options = new PeerOptions { Connect = ConnectAsync } };

    public static async Task<int> RunAsync()
    {
        var front = new ProxyService<object?>(new VirtualUpstream(), new ProxyServiceOptions { Threads = 1 });
        front.AddTcp("127.0.0.1:8080");

        await using var server = new Server(loggerFactory: new ConsoleLog());
        server.Add(front);
        return await server.RunAsync();
    }

    public override object? NewContext() => null;

    public override ValueTask<HttpPeer> UpstreamPeerAsync(Session session, object? context, CancellationToken cancellationToken) =>
        ValueTask.FromResult(_virtual);

    private static ValueTask<Connection> ConnectAsync(HttpPeer peer)
    {
        var (near, far) = Connection.CreatePair();
        _ = ServeAsync(far);
        return ValueTask.FromResult(near);
    }

    /// <summary>Answers one request after the other, in bytes, until the proxy closes its end.</summary>
    private static async Task ServeAsync(Connection connection)
    {
        await using var own = connection;
        var buffer = new byte[16 * 1024];
        var filled = 0;
        var served = 0;
        try
        {
            while (await connection.ReadAsync(buffer.AsMemory(filled)) is var count and > 0)
            {
                filled += count;
                // Requests without a body end with an empty line; the proxy sends one at a time.
                if (!buffer.AsSpan(0, filled).EndsWith("\r\n\r\n"u8))
                    continue;
                filled = 0;
                var body = $"answer {++served} of an upstream that is not there\n";
                await connection.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
            }
        }
        catch (NetException e)
        {
            Console.WriteLine($"The proxy has given the connection up: {e.Message}");
        }
    }
}
