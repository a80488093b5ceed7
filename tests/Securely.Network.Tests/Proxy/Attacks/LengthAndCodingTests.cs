using Securely.Testing;

namespace Securely.Network.Tests.Proxy.Attacks;

/// <summary>Requests whose length two readers could take differently (rows A1, A3 and A5).</summary>
public sealed class LengthAndCodingTests(AttackStage stage) : IClassFixture<AttackStage>
{
    private const string Post = "POST / HTTP/1.1\r\nHost: app.test\r\n";
    private const string Old = "POST / HTTP/1.0\r\nHost: app.test\r\n";
    private const string Rest = "\r\n0\r\n\r\n" + AttackStage.Smuggled;
    private const string Body = "\r\nhello" + AttackStage.Smuggled;
    private const string Followed = "\r\nhello" + AttackStage.Next;

    [Theory]
    [Trait("Case", "38")]
    [Trait("Row", "A1")]
    [Wire(Post + "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding: chunked\r\nContent-Length: 6\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n" + Rest)]
    [Wire(Post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n" + Rest)]
    [Wire(Post + "content-length:6\r\ntransfer-encoding:chunked\r\n" + Rest)]
    [Wire(Post + "Content-Length:\r\nTransfer-Encoding: chunked\r\n" + Rest)]
    [Wire(Post + "Content-Length: x\r\nTransfer-Encoding: chunked\r\n" + Rest)]
    [Wire(Post + "Content-Length: 6\r\nTransfer-Encoding: identity\r\n" + Rest)]
    [Wire(Post + "Content-Length: 6\r\nTransfer-Encoding: xchunked\r\n" + Rest)]
    [Wire(Post + "Content-Length: 6\r\nTransfer-Encoding:\r\n" + Rest)]
    [Wire(Post + "Connection: Content-Length\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n" + Rest)]
    [Wire(Post + "Connection: Transfer-Encoding\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n" + Rest)]
    [Wire("GET / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n" + Rest)]
    [Wire("HEAD / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n" + Rest)]
    [Wire("OPTIONS * HTTP/1.1\r\nHost: app.test\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n" + Rest)]
    public Task A_length_beside_a_coding_is_400(Transport transport, Delivery delivery, string wire) => stage.IsRefusedAsync(transport, delivery, wire);

    [Theory]
    [Trait("Case", "39")]
    [Trait("Row", "A3")]
    [Wire(Old + "Transfer-Encoding: chunked\r\n" + Rest)]
    [Wire(Old + "Transfer-Encoding: chunked\r\nConnection: keep-alive\r\n" + Rest)]
    [Wire(Old + "Transfer-Encoding: identity\r\n" + Rest)]
    [Wire(Old + "Transfer-Encoding: gzip, chunked\r\n" + Rest)]
    [Wire(Old + "Transfer-Encoding: xchunked\r\n" + Rest)]
    [Wire(Old + "Transfer-Encoding:\r\n" + Rest)]
    [Wire(Old + "Transfer-Encoding: chunked\r\nContent-Length: 6\r\n" + Rest)]
    [Wire("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n" + Rest)]
    public Task A_coding_on_HTTP_1_0_is_400(Transport transport, Delivery delivery, string wire) => stage.IsRefusedAsync(transport, delivery, wire);

    [Theory]
    [Trait("Case", "41")]
    [Trait("Row", "A5")]
    [Wire(Post + "Content-Length: +5\r\n" + Body)]
    [Wire(Post + "Content-Length: -1\r\n" + Body)]
    [Wire(Post + "Content-Length: -0\r\n" + Body)]
    [Wire(Post + "Content-Length: 0x5\r\n" + Body)]
    [Wire(Post + "Content-Length: 5h\r\n" + Body)]
    [Wire(Post + "Content-Length: 5,6\r\n" + Body)]
    [Wire(Post + "Content-Length: 5, 6\r\n" + Body)]
    [Wire(Post + "Content-Length: 5,5\r\n" + Body)]
    [Wire(Post + "Content-Length: 5, 5\r\n" + Body)]
    [Wire(Post + "Content-Length: 5,\r\n" + Body)]
    [Wire(Post + "Content-Length: ,5\r\n" + Body)]
    [Wire(Post + "Content-Length: 5 5\r\n" + Body)]
    [Wire(Post + "Content-Length: 5\t5\r\n" + Body)]
    [Wire(Post + "Content-Length: 5;q=1\r\n" + Body)]
    [Wire(Post + "Content-Length: 5.0\r\n" + Body)]
    [Wire(Post + "Content-Length: 5e0\r\n" + Body)]
    [Wire(Post + "Content-Length: \"5\"\r\n" + Body)]
    [Wire(Post + "Content-Length: five\r\n" + Body)]
    [Wire(Post + "Content-Length:\r\n" + Body)]
    [Wire(Post + "Content-Length: \t \r\n" + Body)]
    [Wire(Post + "Content-Length: 5\0\r\n" + Body)]
    [Wire(Post + "Content-Length: \0" + "5\r\n" + Body)]
    [Wire(Post + "Content-Length: 5\u000b\r\n" + Body)]
    [Wire(Post + "Content-Length: \u000c5\r\n" + Body)]
    [Wire(Post + "Content-Length: 5\u00a0\r\n" + Body)]
    [Wire(Post + "Content-Length: \u00d9\u00a5\r\n" + Body)]
    [Wire(Post + "Content-Length: \u00ef\u00bc\u0095\r\n" + Body)]
    [Wire(Post + "Content-Length: 5\r\n 6\r\n" + Body)]
    [Wire(Post + "Content-Length:\r\n 5\r\n" + Body)]
    [Wire(Post + "Content-Length : 5\r\n" + Body)]
    [Wire(Post + "Content-Length\t: 5\r\n" + Body)]
    [Wire(Post + "Content-Length: 9223372036854775808\r\n" + Body)]
    [Wire(Post + "Content-Length: 00000000000000000005\r\n" + Body)]
    [Wire(Post + "Content-Length: 18446744073709551621\r\n" + Body)]
    [Wire(Post + "Content-Length: 99999999999999999999\r\n" + Body)]
    [Wire("POST / HTTP/1.0\r\nContent-Length: 5,5\r\n" + Body)]
    public Task A_length_that_is_no_number_is_400(Transport transport, Delivery delivery, string wire) => stage.IsRefusedAsync(transport, delivery, wire);

    [Theory]
    [Trait("Case", "41")]
    [Trait("Row", "A5")]
    [Wire(Post + "Content-Length: 5\r\nContent-Length: 6\r\n" + Body)]
    [Wire(Post + "Content-Length: 6\r\nContent-Length: 5\r\n" + Body)]
    [Wire(Post + "Content-Length: 5\r\nContent-Length: 5\r\n" + Body)]
    [Wire(Post + "Content-Length: 5\r\nX: y\r\ncontent-length: 5\r\n" + Body)]
    [Wire(Post + "Content-Length: 0\r\nContent-Length: 0\r\n" + Body)]
    [Wire(Post + "Content-Length: 5\r\nContent-Length:\r\n" + Body)]
    [Wire("GET / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 0\r\nContent-Length: 44\r\n" + Body)]
    public Task Two_lengths_are_400(Transport transport, Delivery delivery, string wire) => stage.IsRefusedAsync(transport, delivery, wire);

    [Theory]
    [Trait("Row", "A5")]
    [Wire(Post + "Content-Length: 5\r\n" + Followed)]
    [Wire(Post + "content-length:5\r\n" + Followed)]
    [Wire(Post + "Content-Length: \t5 \t\r\n" + Followed)]
    [Wire(Post + "Content-Length: 05\r\n" + Followed)]
    [Wire(Post + "Content-Length: 0000000000000000005\r\n" + Followed)]
    public async Task A_length_is_forwarded_as_the_number_that_was_read(Transport transport, Delivery delivery, string wire)
    {
        await using var client = await stage.ConnectAsync(transport);
        await stage.SendAsync(client, wire, delivery);

        Assert.Equal("POST / hello", (await client.ReadResponseAsync()).BodyText);
        Assert.Equal("GET /next ", (await client.ReadResponseAsync()).BodyText);
        Assert.Equal(["5"], stage.Request("POST / ").Values("Content-Length"));
    }
}
