using System.Net;
using System.Net.Sockets;
using System.Text;
using Securely.Testing;

namespace Securely.Functional.Tests;

/// <summary>The network tools of Securely.Testing against plain sockets of the framework.</summary>
public sealed class ToolsTests
{
    public static TheoryData<Delivery> Deliveries => [Delivery.Whole, Delivery.Lines, Delivery.Bytes];

    [Theory]
    [InlineData(Delivery.Whole, "a\r\nb\nc")]
    [InlineData(Delivery.Lines, "a\r\n|b\n|c")]
    [InlineData(Delivery.Bytes, "a|\r|\n|b|\n|c")]
    public void Cuts_bytes_into_the_pieces_of_a_delivery(Delivery delivery, string pieces) =>
        Assert.Equal(pieces, string.Join('|', Fragmenter.Split("a\r\nb\nc"u8.ToArray(), delivery).Select(piece => Encoding.Latin1.GetString(piece.Span))));

    [Theory]
    [MemberData(nameof(Deliveries))]
    public async Task Sends_literal_bytes_in_every_delivery(Delivery delivery)
    {
        using var listener = Listen();
        await using var client = await RawClient.ConnectAsync(listener.LocalEndPoint!);
        using var peer = await listener.AcceptAsync(TestContext.Current.CancellationToken);

        const string wire = "GET / HTTP/1.1\r\nX: \xff\r\n\r\n";
        await client.SendAsync(wire, delivery);

        Assert.Equal(wire, await ReceiveAsync(peer, wire.Length));
    }

    [Theory]
    [MemberData(nameof(Deliveries))]
    public async Task Reads_responses_one_after_another(Delivery delivery)
    {
        const string wire =
            "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" +
            "HTTP/1.1 200 OK\r\nset-cookie: a\r\nSet-Cookie: b\r\nContent-Length: 5\r\n\r\nhello" +
            "HTTP/1.1 200 Fine then\r\nTransfer-Encoding: chunked\r\n\r\n3;x=1\r\nabc\r\nA\r\n0123456789\r\n0\r\nX-End: 1\r\n\r\n" +
            "HTTP/1.1 204 \r\n\r\n" +
            "HTTP/1.0 404 Not Found\r\n\r\nuntil the end";
        using var listener = Listen();
        await using var client = await RawClient.ConnectAsync(listener.LocalEndPoint!);
        using var peer = await listener.AcceptAsync(TestContext.Current.CancellationToken);
        foreach (var piece in Fragmenter.Split(Encoding.Latin1.GetBytes(wire), delivery))
            await peer.SendAsync(piece, TestContext.Current.CancellationToken);
        peer.Shutdown(SocketShutdown.Send);

        var hints = await client.ReadResponseAsync();
        var sized = await client.ReadResponseAsync();
        var chunked = await client.ReadResponseAsync();
        var empty = await client.ReadResponseAsync();
        var closed = await client.ReadResponseAsync();

        Assert.Equal((103, "Early Hints", "</a.css>", ""), (hints.Status, hints.Reason, hints.Header("link"), hints.BodyText));
        Assert.Equal((200, "hello", false), (sized.Status, sized.BodyText, sized.WasChunked));
        Assert.Equal([new("set-cookie", "a"), new("Set-Cookie", "b"), new("Content-Length", "5")], sized.Headers);
        Assert.Equal(["a", "b"], sized.Values("SET-COOKIE"));
        Assert.Throws<InvalidDataException>(() => sized.Header("set-cookie"));
        Assert.Equal(("Fine then", "abc0123456789", true), (chunked.Reason, chunked.BodyText, chunked.WasChunked));
        Assert.Equal([new RawHeader("X-End", "1")], chunked.Trailers);
        Assert.Equal((204, "", ""), (empty.Status, empty.Reason, empty.BodyText));
        Assert.Equal(("HTTP/1.0", 404, "until the end", true), (closed.Version, closed.Status, closed.BodyText, closed.EndedByClose));
        Assert.Equal(wire, string.Concat(new[] { hints, sized, chunked, empty, closed }.Select(response => Encoding.Latin1.GetString(response.Raw))));
    }

    [Fact]
    public async Task Reads_no_body_after_HEAD()
    {
        await using var origin = TestOrigin.Start(OriginScripts.Raw("HTTP/1.1 200 OK\r\nContent-Length: 42\r\n\r\n"));
        await using var client = await RawClient.ConnectAsync(origin.EndPoint);

        var response = await client.ExchangeAsync("HEAD / HTTP/1.1\r\n\r\n");

        Assert.Equal(("42", ""), (response.Header("Content-Length"), response.BodyText));
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-")]
    public async Task A_response_that_is_cut_off_is_an_error(string wire)
    {
        await using var origin = TestOrigin.Start(connection => connection.SendAsync(wire));
        await using var client = await RawClient.ConnectAsync(origin.EndPoint);

        await Assert.ThrowsAsync<EndOfStreamException>(() => client.ReadResponseAsync());
    }

    [Fact]
    public async Task Tells_an_orderly_end_from_a_reset()
    {
        await using var origin = TestOrigin.Start(
            async connection =>
            {
                await connection.ReadHeadAsync();
                connection.Close();
            },
            async connection =>
            {
                await connection.ReadHeadAsync();
                connection.Reset();
            });
        await using var finished = await RawClient.ConnectAsync(origin.EndPoint);
        await origin.WaitForConnectionsAsync(1);
        await using var reset = await RawClient.ConnectAsync(origin.EndPoint);

        await finished.SendAsync("GET / HTTP/1.1\r\n\r\n");
        await reset.SendAsync("GET / HTTP/1.1\r\n\r\n");

        Assert.Equal(ConnectionEnd.Finished, await finished.WaitForCloseAsync());
        Assert.Equal(ConnectionEnd.Reset, await reset.WaitForCloseAsync());
    }

    [Fact]
    public async Task Shows_what_arrived_instead_of_a_close()
    {
        await using var origin = TestOrigin.Start(connection => connection.SendAsync("HTTP/1.1 400 \r\n"));
        await using var client = await RawClient.ConnectAsync(origin.EndPoint);

        var error = await Assert.ThrowsAsync<InvalidDataException>(() => client.WaitForCloseAsync());

        Assert.Contains(@"[HTTP/1.1 400 \r\n]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_half_closed_client_still_reads()
    {
        await using var origin = TestOrigin.Start(async connection =>
        {
            var sent = await connection.ReadToEndAsync();
            await connection.SendOkAsync(sent.Text);
        });
        await using var client = await RawClient.ConnectAsync(origin.EndPoint);

        await client.SendAsync("all of it");
        client.HalfClose();

        Assert.Equal("all of it", (await client.ReadResponseAsync()).BodyText);
    }

    [Fact]
    public async Task Connecting_to_a_refusing_address_fails_and_to_a_silent_one_never_ends()
    {
        using var refusing = DeadEndPoint.Refusing();
        using var silent = DeadEndPoint.Silent();
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

        var refused = await Assert.ThrowsAsync<IOException>(() => RawClient.ConnectAsync(refusing.EndPoint));
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(200), TimeProvider.System);

        Assert.Contains("ConnectionRefused", refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<OperationCanceledException>(async () => await socket.ConnectAsync(silent.EndPoint, limit.Token));
    }

    private static Socket Listen()
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        return listener;
    }

    private static async Task<string> ReceiveAsync(Socket socket, int count)
    {
        var buffer = new byte[count];
        for (var read = 0; read < count;)
            read += await socket.ReceiveAsync(buffer.AsMemory(read), TestContext.Current.CancellationToken);
        return Encoding.Latin1.GetString(buffer);
    }
}
