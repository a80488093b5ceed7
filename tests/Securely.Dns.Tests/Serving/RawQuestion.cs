using System.Net;
using System.Net.Sockets;

namespace Securely.Dns.Tests.Serving;

/// <summary>Sends bytes as they are. Silence is told from slowness by a proper question behind them, whose answer comes after any other.</summary>
internal static class RawQuestion
{
    // Number 7777, for the SOA of example.test.
    private const string Proper = "7777" + "0000" + "0001000000000000" + "076578616D706C65047465737400" + "0006" + "0001";

    /// <summary>The answer to a datagram: its code, and what else tells answers apart; <c>silence</c> for none.</summary>
    public static async Task<string> AskDatagramAsync(IPEndPoint server, string hex)
    {
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        await client.ConnectAsync(server, TestContext.Current.CancellationToken);
        await client.SendAsync(Convert.FromHexString(hex), TestContext.Current.CancellationToken);
        await client.SendAsync(Convert.FromHexString(Proper), TestContext.Current.CancellationToken);
        var buffer = new byte[4096];
        var length = await client.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
        return Describe(buffer.AsSpan(0, length));
    }

    /// <summary>The same over a stream; <c>end</c> where the server has ended it.</summary>
    public static async Task<string> AskStreamAsync(IPEndPoint server, string hex)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(server, TestContext.Current.CancellationToken);
        return await AskStreamAsync(client.GetStream(), hex);
    }

    /// <summary>The same over a stream that is open already.</summary>
    public static async Task<string> AskStreamAsync(Stream stream, string hex)
    {
        await stream.WriteAsync(Convert.FromHexString($"{hex.Length / 2:X4}{hex}{Proper.Length / 2:X4}{Proper}"), TestContext.Current.CancellationToken);
        var head = new byte[2];
        if (await stream.ReadAtLeastAsync(head, 2, throwOnEndOfStream: false, TestContext.Current.CancellationToken) < 2)
            return "end";
        var answer = new byte[(head[0] << 8) | head[1]];
        await stream.ReadExactlyAsync(answer, TestContext.Current.CancellationToken);
        return Describe(answer);
    }

    /// <summary>The code of an answer, and what else tells answers apart.</summary>
    public static string Describe(ReadOnlySpan<byte> answer)
    {
        if (answer is [0x77, 0x77, ..])
            return "silence";
        var code = (ResponseCode)(answer[3] & 15);
        if (!DnsMessage.TryDecode(answer, out var message))
            return $"{code}, malformed";
        var tsig = message.Additionals.FirstOrDefault(record => record.Type == RecordType.Tsig) is { } signature ? $", TSIG error {signature.Data.Span[^3]}" : "";
        return $"{code}, {(message.Questions.Count == 0 ? "no question" : "question")}{tsig}";
    }
}
