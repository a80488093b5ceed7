using System.Buffers.Binary;
using System.Net.Sockets;

namespace Securely.Dns.Tests.Serving;

/// <summary>Several questions of one stream, and the largest of them (RFC 7766, 6.2.1.1).</summary>
public sealed class PipelineTests
{
    private static readonly Zone _zone = InProcess.Zone("z.test", """
        $TTL 60
        @ SOA a h 1 2 3 4 5
        @ NS a
        $GENERATE 1-500 big TXT "record $ of a set that is large but fits into one message over a stream ......"
        $GENERATE 1-300 large TXT "record $ of a set that is large but fits into one message over a stream ......"
        $GENERATE 1-900 huge TXT "record $ of a set that is large and does not fit into any message at all ......"
        """);

    [Fact]
    public async Task Large_answers_to_questions_in_one_segment_are_whole()
    {
        await using var server = await RunningNameServer.StartAsync(new DnsServerOptions(), _zone);
        using var client = await ConnectAsync(server);
        await client.SendAsync(Convert.FromHexString(Question("big") + Question("large") + Question("huge") + Question("big")), TestContext.Current.CancellationToken);
        foreach (var expected in (int[])[500, 300, 0, 500])
            Assert.Equal(expected, await AnswersAsync(client));
        Assert.Equal(4, server.RequestCount);
    }

    [Fact]
    public async Task A_message_of_65535_bytes_is_read()
    {
        await using var server = await RunningNameServer.StartAsync(new DnsServerOptions(), _zone);
        using var client = await ConnectAsync(server);
        // A question, and an option that nobody knows, which is as long as it can be.
        var request = new byte[2 + 65535];
        request.AsSpan().Clear();
        Convert.FromHexString("FFFF" + "1234" + "0000" + "0001000000000001" + "017A047465737400" + "0006" + "0001" + "00" + "0029" + "04D0" + "00000000").CopyTo(request, 0);
        const int OptionsAt = 2 + 12 + 12 + 11;
        BinaryPrimitives.WriteUInt16BigEndian(request.AsSpan(OptionsAt - 2), (ushort)(request.Length - OptionsAt));
        BinaryPrimitives.WriteUInt16BigEndian(request.AsSpan(OptionsAt), 65001);
        BinaryPrimitives.WriteUInt16BigEndian(request.AsSpan(OptionsAt + 2), (ushort)(request.Length - OptionsAt - 4));
        await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(1, await AnswersAsync(client));
        // The stream goes on.
        await client.SendAsync(Convert.FromHexString(Question("large")), TestContext.Current.CancellationToken);
        Assert.Equal(300, await AnswersAsync(client));
    }

    private static string Question(string label)
    {
        var message = new DnsMessage { Id = 1, Questions = [new Question(DomainName.Parse(label + ".z.test"), RecordType.Txt)] }.Encode();
        return $"{message.Length:X4}{Convert.ToHexString(message)}";
    }

    private static async Task<Socket> ConnectAsync(RunningNameServer server)
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(server.EndPoint);
        return client;
    }

    // How many records the next answer has; it is truncated when there are none.
    private static async Task<int> AnswersAsync(Socket client)
    {
        using var stream = new NetworkStream(client, ownsSocket: false);
        var head = new byte[2];
        await stream.ReadExactlyAsync(head, TestContext.Current.CancellationToken);
        var message = new byte[BinaryPrimitives.ReadUInt16BigEndian(head)];
        await stream.ReadExactlyAsync(message, TestContext.Current.CancellationToken);
        Assert.True(DnsMessage.TryDecode(message, out var answer));
        Assert.Equal(answer.IsTruncated, answer.Answers.Count == 0);
        return answer.Answers.Count;
    }
}
