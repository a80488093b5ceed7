using System.Net.Sockets;

namespace Securely.Dns.Tests.Serving;

/// <summary>Check 59 of the specification: what streams do that no friendly client does.</summary>
public sealed class StreamTests
{
    private const string Soa = "001E" + "1234" + "0000" + "0001000000000000" + "076578616D706C65047465737400" + "0006" + "0001";

    [Fact]
    public async Task Check_59_twenty_questions_in_one_segment_get_twenty_answers()
    {
        await using var server = await RunningNameServer.StartAsync();
        using var client = await ConnectAsync(server);
        await SendAsync(client, string.Concat(Enumerable.Repeat(Soa, 20)));
        for (var i = 0; i < 20; i++)
            AssertSoa(await ReadAsync(client));
    }

    [Fact]
    public async Task Check_59_a_question_may_come_byte_by_byte()
    {
        await using var server = await RunningNameServer.StartAsync();
        using var client = await ConnectAsync(server);
        client.NoDelay = true;
        foreach (var value in Convert.FromHexString(Soa))
            await client.SendAsync(new[] { value }, SocketFlags.None);
        AssertSoa(await ReadAsync(client));
    }

    [Fact]
    public async Task Check_59_a_client_that_has_ended_its_side_still_gets_its_answer()
    {
        await using var server = await RunningNameServer.StartAsync();
        using var client = await ConnectAsync(server);
        await SendAsync(client, Soa);
        client.Shutdown(SocketShutdown.Send);
        AssertSoa(await ReadAsync(client));
        Assert.Null(await ReadAsync(client));
    }

    [Theory]
    [InlineData("0000")]
    [InlineData(Soa + "0000")]
    public async Task Check_59_a_frame_without_bytes_ends_the_stream(string hex)
    {
        await using var server = await RunningNameServer.StartAsync();
        using var client = await ConnectAsync(server);
        await SendAsync(client, hex);
        Assert.Null(await ReadAsync(client));
    }

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("001E1234")]
    public async Task Check_59_a_client_that_does_not_go_on_is_left(string hex)
    {
        await using var server = await RunningNameServer.StartAsync(new DnsServerOptions { StreamIdle = TimeSpan.FromMilliseconds(100) });
        using var client = await ConnectAsync(server);
        await SendAsync(client, hex);
        Assert.Null(await ReadAsync(client));
    }

    [Fact]
    public async Task What_is_answered_over_a_stream_is_what_is_answered_over_a_datagram()
    {
        await using var server = await RunningNameServer.StartAsync();
        foreach (var name in (string[])["www", "nope", "x.dn", "host.deleg", "foo.wild", "_sip._tcp"])
        {
            var question = new DnsMessage { Questions = [new Question(DomainName.Parse(name + ".example.test"), RecordType.A)], Edns = new Edns() };
            var datagram = await new DnsClient(server.EndPoint).AskAsync(question);
            var stream = await new DnsClient(server.EndPoint) { UsesStream = true }.AskAsync(question);
            Assert.Equal((datagram.Code, datagram.IsAuthoritative), (stream.Code, stream.IsAuthoritative));
            Assert.Equal(datagram.Answers, stream.Answers);
            Assert.Equal(datagram.Authorities, stream.Authorities);
        }

        Assert.Equal(12, server.RequestCount);
    }

    [Fact]
    public async Task A_client_asks_again_over_a_stream_when_the_answer_did_not_fit()
    {
        await using var server = await RunningNameServer.StartAsync();
        var answer = await new DnsClient(server.EndPoint).AskAsync(new DnsMessage { Questions = [new Question(DomainName.Parse("big.example.test"), RecordType.Txt)] });
        Assert.Equal(40, answer.Answers.Count);
    }

    [Fact]
    public async Task A_datagram_that_is_no_request_is_not_answered_and_harms_nothing()
    {
        await using var server = await RunningNameServer.StartAsync();
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        await client.ConnectAsync(server.EndPoint);
        foreach (var hex in (string[])["", "12", "1234010000010000000000", "1234840000010000000000", string.Concat(Enumerable.Repeat("FF", 5000))])
            await client.SendAsync(Convert.FromHexString(hex), SocketFlags.None);
        await client.SendAsync(Convert.FromHexString(Soa[4..]), SocketFlags.None);
        var buffer = new byte[512];
        AssertSoa(buffer[..await client.ReceiveAsync(buffer, SocketFlags.None)]);
    }

    private static async Task<Socket> ConnectAsync(RunningNameServer server)
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(server.EndPoint);
        return client;
    }

    private static async Task SendAsync(Socket client, string hex) => await client.SendAsync(Convert.FromHexString(hex), SocketFlags.None);

    // One answer, or null at the end of the stream.
    private static async Task<byte[]?> ReadAsync(Socket client)
    {
        var head = new byte[2];
        if (!await FillAsync(client, head))
            return null;
        var message = new byte[(head[0] << 8) | head[1]];
        Assert.True(await FillAsync(client, message));
        return message;
    }

    private static async Task<bool> FillAsync(Socket client, byte[] buffer)
    {
        try
        {
            for (var filled = 0; filled < buffer.Length;)
            {
                var read = await client.ReceiveAsync(buffer.AsMemory(filled), SocketFlags.None);
                if (read == 0)
                    return false;
                filled += read;
            }

            return true;
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.ConnectionReset)
        {
            return false;
        }
    }

    private static void AssertSoa(byte[]? message)
    {
        Assert.NotNull(message);
        Assert.Equal("1234" + "8400" + "0001000100000000", Convert.ToHexString(message.AsSpan(0, 12)));
    }
}
