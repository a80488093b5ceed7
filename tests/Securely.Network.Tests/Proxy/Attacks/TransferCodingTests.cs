using Securely.Testing;

namespace Securely.Network.Tests.Proxy.Attacks;

/// <summary>Transfer-Encoding that another reader could take for chunked, or for something else (row A2).</summary>
public sealed class TransferCodingTests(AttackStage stage) : IClassFixture<AttackStage>
{
    private const string Post = "POST / HTTP/1.1\r\nHost: app.test\r\n";
    private const string Rest = "\r\n0\r\n\r\n" + AttackStage.Smuggled;

    [Theory]
    [Trait("Case", "40")]
    [Trait("Row", "A2")]
    [Wire(Post + "Transfer-Encoding: chunked, identity\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding: identity, chunked\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding: chunked, chunked\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding: chunked\r\ntransfer-encoding: CHUNKED\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding: gzip\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding: identity\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding: chunked, gzip\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding: gzip, chunked\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding: x, chunked\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding: chunked;q=1\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding: chunked ;q=1\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding: chunked; x=\"y\"\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding: chunked;\r\n" + Rest)]
    public Task A_list_that_is_not_one_bare_chunked_is_400(Transport transport, Delivery delivery, string wire) =>
        stage.IsRefusedAsync(transport, delivery, wire);

    [Theory]
    [Trait("Case", "40")]
    [Trait("Row", "A2")]
    [Wire(Post + "Transfer-Encoding: \u000bchunked\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding: chunked\u000b\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding:\u000bchunked\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding: \u000cchunked\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding: chunked\0\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding: \0chunked\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding: chunked\u007f\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding: chunked\u00a0\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding: \u00a0chunked\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding: \u0085chunked\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding: chun\u00e9ked\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding: \"chunked\"\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding: chunked chunked\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding: identity chunked\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding: chunked,\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding: ,chunked\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding: : chunked\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding: [chunked]\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding:\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding: \t\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding: chunked\r\nTransfer-Encoding:\r\n" + Rest)]
    public Task A_coding_that_is_no_token_is_400(Transport transport, Delivery delivery, string wire) =>
        stage.IsRefusedAsync(transport, delivery, wire);

    [Theory]
    [Trait("Row", "A2")]
    [Trait("Row", "A10")]
    [Wire(Post + "Transfer-Encoding : chunked\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding\t: chunked\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding\u000b: chunked\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding\0: chunked\r\n" + Rest)]
    [Wire(Post + " Transfer-Encoding: chunked\r\n" + Rest)]
    [Wire(Post + "\tTransfer-Encoding: chunked\r\n" + Rest)]
    [Wire(Post + "\u000bTransfer-Encoding: chunked\r\n" + Rest)]
    [Wire(Post + "Transfer Encoding: chunked\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding\r\n: chunked\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding:\r\n chunked\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding: chun\r\n ked\r\n" + Rest)]
    [Wire(Post + "X: y\rTransfer-Encoding: chunked\r\n" + Rest)]
    [Wire(Post + "X: y\nTransfer-Encoding: chunked\r\n" + Rest)]
    [Wire(Post + "X: y\n\rTransfer-Encoding: chunked\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding: chunked\n" + Rest)]
    [Wire(Post + "Transfer-Encoding: chunked\r" + Rest)]
    [Wire(Post + "Transf\u00e9r-Encoding: chunked\r\n" + Rest)]
    public Task A_coding_behind_a_malformed_line_is_400(Transport transport, Delivery delivery, string wire) =>
        stage.IsRefusedAsync(transport, delivery, wire);

    [Theory]
    [Trait("Case", "40")]
    [Trait("Row", "A2")]
    [Wire(Post + "Transfer-Encoding: xchunked\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding: chunkedx\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding: chunk\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding: 'chunked'\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding: x;q=1\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding: gzip, x\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding: chunked, x\r\n" + Rest)]
    [Wire(Post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n" + Rest)]
    public Task A_last_coding_that_is_not_known_is_501(Transport transport, Delivery delivery, string wire) =>
        stage.IsRefusedAsync(transport, delivery, wire, 501);

    [Theory]
    [Trait("Row", "A2")]
    [Wire(Post + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n" + AttackStage.Next)]
    [Wire(Post + "transfer-encoding:CHUNKED\r\n\r\n5\r\nhello\r\n0\r\n\r\n" + AttackStage.Next)]
    [Wire(Post + "Transfer-Encoding: \t chunked \t\r\n\r\n5\r\nhello\r\n0\r\n\r\n" + AttackStage.Next)]
    [Wire(Post + "Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n" + AttackStage.Next)]
    public async Task Chunked_alone_is_forwarded_in_its_plainest_form(Transport transport, Delivery delivery, string wire)
    {
        await using var client = await stage.ConnectAsync(transport);
        await stage.SendAsync(client, wire, delivery);

        Assert.Equal("POST / hello", (await client.ReadResponseAsync()).BodyText);
        Assert.Equal("GET /next ", (await client.ReadResponseAsync()).BodyText);
        var request = stage.Request("POST / ");
        Assert.Contains("\r\nTransfer-Encoding: chunked\r\n", request.Head, StringComparison.Ordinal);
        Assert.Equal(["chunked"], request.Values("Transfer-Encoding"));
        Assert.Empty(request.Values("Content-Length"));
    }
}
