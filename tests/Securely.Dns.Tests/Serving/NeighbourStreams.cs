using System.Net;
using System.Net.Sockets;

namespace Securely.Dns.Tests.Serving;

/// <summary>Check 59 for any server: what it does with a stream that no friendly client would make.</summary>
internal static class NeighbourStreams
{
    private const string Soa = "001E" + "1234" + "0000" + "0001000000000000" + "076578616D706C65047465737400" + "0006" + "0001";

    /// <summary>What is done, and what is seen of it.</summary>
    public static readonly (string Name, Func<IPEndPoint, Task<string>> AskAsync)[] Cases =
    [
        ("20 questions in one segment", server => AnswersAsync(server, async client => await SendAsync(client, string.Concat(Enumerable.Repeat(Soa, 20))), 20)),
        ("a question byte by byte", server => AnswersAsync(server, ByteByByteAsync, 1)),
        ("a question, and the client's side has ended", server => AnswersAsync(server, HalfCloseAsync, 1)),
        ("a frame without bytes", server => AnswersAsync(server, async client => await SendAsync(client, "0000"), 1)),
    ];

    // How many answers come until there are enough or the server ends the stream.
    private static async Task<string> AnswersAsync(IPEndPoint server, Func<Socket, Task> sendAsync, int most)
    {
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await client.ConnectAsync(server, TestContext.Current.CancellationToken);
        // It is made before the client's side may have ended.
        await using var stream = new NetworkStream(client);
        await sendAsync(client);
        var count = 0;
        try
        {
            for (var head = new byte[2]; count < most; count++)
            {
                await stream.ReadExactlyAsync(head, TestContext.Current.CancellationToken);
                await stream.ReadExactlyAsync(new byte[(head[0] << 8) | head[1]], TestContext.Current.CancellationToken);
            }
        }
        catch (IOException)
        {
            return $"{count} answers, then the end";
        }

        return $"{count} answers";
    }

    private static async Task ByteByByteAsync(Socket client)
    {
        foreach (var value in Convert.FromHexString(Soa))
            await client.SendAsync(new[] { value }, TestContext.Current.CancellationToken);
    }

    private static async Task HalfCloseAsync(Socket client)
    {
        await SendAsync(client, Soa);
        client.Shutdown(SocketShutdown.Send);
    }

    private static async Task SendAsync(Socket client, string hex) => await client.SendAsync(Convert.FromHexString(hex), TestContext.Current.CancellationToken);
}
