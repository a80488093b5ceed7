using Securely.Testing;

namespace Securely.Network.Tests.Proxy.Attacks;

/// <summary>Chunked request bodies that another reader could cut differently (row A13).</summary>
public sealed class ChunkTests(AttackStage stage) : IClassFixture<AttackStage>
{
    [Theory]
    [Trait("Case", "48")]
    [Trait("Row", "A13")]
    [Wire("0x5\r\nhello\r\n0\r\n\r\n")]
    [Wire("0x10\r\nhello")]
    [Wire("-1\r\nhello")]
    [Wire("-5\r\nhello\r\n0\r\n\r\n")]
    [Wire("-0\r\n\r\n")]
    [Wire("+5\r\nhello\r\n0\r\n\r\n")]
    [Wire("5h\r\nhello\r\n0\r\n\r\n")]
    [Wire("5.0\r\nhello\r\n0\r\n\r\n")]
    [Wire("5_0\r\nhello\r\n0\r\n\r\n")]
    [Wire("\"5\"\r\nhello\r\n0\r\n\r\n")]
    [Wire("g\r\nhello\r\n0\r\n\r\n")]
    [Wire("\r\nhello\r\n0\r\n\r\n")]
    [Wire(";x\r\nhello\r\n0\r\n\r\n")]
    [Wire("00000000000000005\r\nhello\r\n0\r\n\r\n")]
    [Wire("00000000000000000\r\n\r\n")]
    [Wire("fffffffffffffffff\r\nhello")]
    [Wire("10000000000000005\r\nhello\r\n0\r\n\r\n")]
    [Wire("ffffffffffffffff\r\nhello")]
    [Wire("8000000000000000\r\nhello")]
    [Wire("5\0\r\nhello\r\n0\r\n\r\n")]
    [Wire("\0" + "5\r\nhello\r\n0\r\n\r\n")]
    [Wire("5\u00a0\r\nhello\r\n0\r\n\r\n")]
    [Wire("\u00ef\u00bc\u0095\r\nhello\r\n0\r\n\r\n")]
    public Task A_size_that_is_no_hexadecimal_number_is_400(Transport transport, Delivery delivery, string chunks) => IsRefusedAsync(transport, delivery, chunks);

    [Theory]
    [Trait("Case", "48")]
    [Trait("Row", "A13")]
    [Wire(" 5\r\nhello\r\n0\r\n\r\n")]
    [Wire("\t5\r\nhello\r\n0\r\n\r\n")]
    [Wire("5 \r\nhello\r\n0\r\n\r\n")]
    [Wire("5\t\r\nhello\r\n0\r\n\r\n")]
    [Wire("5 ;x\r\nhello\r\n0\r\n\r\n")]
    [Wire("5\t;x\r\nhello\r\n0\r\n\r\n")]
    [Wire("5 5\r\nhello\r\n0\r\n\r\n")]
    [Wire("5\r\nhello\r\n 0\r\n\r\n")]
    [Wire("5\r\nhello\r\n0 \r\n\r\n")]
    [Wire("5\r\nhello\r\n0\t\r\n\r\n")]
    [Wire("5\r\nhello\r\n0 ;x\r\n\r\n")]
    [Wire("5\u000b\r\nhello\r\n0\r\n\r\n")]
    [Wire("5\u000c\r\nhello\r\n0\r\n\r\n")]
    public Task A_blank_beside_a_size_is_400(Transport transport, Delivery delivery, string chunks) => IsRefusedAsync(transport, delivery, chunks);

    [Theory]
    [Trait("Case", "48")]
    [Trait("Row", "A13")]
    [Wire("5\nhello\r\n0\r\n\r\n")]
    [Wire("5\rhello\r\n0\r\n\r\n")]
    [Wire("5\n\nhello\r\n0\r\n\r\n")]
    [Wire("5\r\r\nhello\r\n0\r\n\r\n")]
    [Wire("5\r\n\r\nhello\r\n0\r\n\r\n")]
    [Wire("5\n\rhello\r\n0\r\n\r\n")]
    [Wire("5\r\nhello\r\n0\n\r\n")]
    [Wire("5\r\nhello\r\n0\r\r\n\r\n")]
    [Wire("5\r\nhello\r\n0\r\n\n")]
    [Wire("5\r\nhello\r\n0\r\n\rX")]
    [Wire("5\r\nhello\r\n0\n\n")]
    public Task A_line_of_a_chunk_that_does_not_end_in_CRLF_is_400(Transport transport, Delivery delivery, string chunks) =>
        IsRefusedAsync(transport, delivery, chunks);

    [Theory]
    [Trait("Case", "48")]
    [Trait("Row", "A13")]
    [Wire("5\r\nhello0\r\n\r\n")]
    [Wire("5\r\nhello\n0\r\n\r\n")]
    [Wire("5\r\nhello\r0\r\n\r\n")]
    [Wire("5\r\nhello\r\r\n0\r\n\r\n")]
    [Wire("5\r\nhello\n\r0\r\n\r\n")]
    [Wire("5\r\nhelloX\r\n0\r\n\r\n")]
    [Wire("5\r\nhello \r\n0\r\n\r\n")]
    [Wire("4\r\nhello\r\n0\r\n\r\n")]
    [Wire("6\r\nhello\r\n0\r\n\r\n")]
    [Wire("0\r\nhello\r\n0\r\n\r\n")]
    public Task Data_that_is_not_followed_by_CRLF_is_400(Transport transport, Delivery delivery, string chunks) => IsRefusedAsync(transport, delivery, chunks);

    [Theory]
    [Trait("Row", "A13")]
    [Wire("5;x\nhello\r\n0\r\n\r\n")]
    [Wire("5;x=\"\n\"\r\nhello\r\n0\r\n\r\n")]
    [Wire("5;\nxx\r\nhello\r\n0\r\n\r\n")]
    [Wire("5;x\rhello\r\n0\r\n\r\n")]
    [Wire("5;x\ry\r\nhello\r\n0\r\n\r\n")]
    [Wire("5;x\r\r\nhello\r\n0\r\n\r\n")]
    [Wire("5;x=\"\r\"\r\nhello\r\n0\r\n\r\n")]
    [Wire("5;x\0\r\nhello\r\n0\r\n\r\n")]
    [Wire("5;x\u0001\r\nhello\r\n0\r\n\r\n")]
    [Wire("5;x\u007f\r\nhello\r\n0\r\n\r\n")]
    [Wire("5\r\nhello\r\n0;x\n\r\n")]
    [Wire("5\r\nhello\r\n0;\ngarbage\r\n\r\n")]
    public Task A_control_character_in_an_extension_is_400(Transport transport, Delivery delivery, string chunks) => IsRefusedAsync(transport, delivery, chunks);

    [Theory]
    [Trait("Row", "A13")]
    [Wire("5;{8192}\r\nhello\r\n0\r\n\r\n", OnlyWhole = true)]
    [Wire("5;{20000}", OnlyWhole = true)]
    [Wire("5;{1000000}", OnlyWhole = true)]
    [Wire("0;{8192}\r\n\r\n", OnlyWhole = true)]
    [Wire("0\r\nX: {65536}\r\n\r\n", OnlyWhole = true)]
    [Wire("0\r\nX: {1000000}", OnlyWhole = true)]
    [Wire("0\r\n{1000000}", OnlyWhole = true)]
    public Task An_extension_or_a_trailer_that_does_not_end_is_400(Transport transport, Delivery delivery, string chunks) =>
        IsRefusedAsync(transport, delivery, Filled(chunks));

    [Theory]
    [Trait("Row", "A13")]
    [Wire(129, 1)]
    [Wire(100, 700, OnlyWhole = true)]
    [Wire(100_000, 1, OnlyWhole = true)]
    public Task Trailers_that_do_not_end_are_400(Transport transport, Delivery delivery, int count, int length) =>
        IsRefusedAsync(transport, delivery == Delivery.Bytes ? Delivery.Lines : delivery, "0\r\n" + string.Concat(Enumerable.Repeat($"X: {new string('x', length)}\r\n", count)));

    [Theory]
    [Trait("Row", "A13")]
    [Wire("0\r\nX : 1\r\n\r\n")]
    [Wire("0\r\n: 1\r\n\r\n")]
    [Wire("0\r\nX\r\n\r\n")]
    [Wire("0\r\n X: 1\r\n\r\n")]
    [Wire("0\r\nX: 1\r\n 2\r\n\r\n")]
    [Wire("0\r\nX: 1\n\r\n")]
    [Wire("0\r\nX: 1\r\n\n")]
    [Wire("0\r\nX: 1\rY: 2\r\n\r\n")]
    [Wire("0\r\nX: \0\r\n\r\n")]
    [Wire("0\r\nX\u00e9: 1\r\n\r\n")]
    [Wire("0\r\nGET /smuggled HTTP/1.1\r\nHost: app.test\r\n\r\n")]
    [Wire("0\r\n0\r\n\r\n")]
    public Task A_malformed_trailer_is_400(Transport transport, Delivery delivery, string chunks) => IsRefusedAsync(transport, delivery, "5\r\nhello\r\n" + chunks);

    [Theory]
    [Trait("Row", "A13")]
    [Wire("5\r\nhello\r\n0\r\n\r\n")]
    [Wire("1\r\nh\r\n4\r\nello\r\n0\r\n\r\n")]
    [Wire("0000000000000005\r\nhello\r\n0000000000000000\r\n\r\n")]
    [Wire("5;x\r\nhello\r\n0;y\r\n\r\n")]
    [Wire("5;x=y;z=\"; \\\" 0\"\r\nhello\r\n0\r\n\r\n")]
    [Wire("5;x\t =\u00e9\r\nhello\r\n0\r\n\r\n")]
    [Wire("5\r\nhello\r\n000\r\n\r\n")]
    public async Task Well_formed_chunks_are_framed_anew(Transport transport, Delivery delivery, string chunks)
    {
        await using var client = await stage.ConnectAsync(transport);
        await stage.SendAsync(client, "POST /chunks HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + AttackStage.Next, delivery);

        Assert.Equal("POST /chunks hello", (await client.ReadResponseAsync()).BodyText);
        Assert.Equal("GET /next ", (await client.ReadResponseAsync()).BodyText);
        var received = stage.Received(stage.Request("POST /chunks "));
        Assert.Contains("\r\n0\r\n\r\nGET /next HTTP/1.1\r\n", received, StringComparison.Ordinal);
        Assert.DoesNotContain(";", received[..received.IndexOf("GET /next", StringComparison.Ordinal)].Split("\r\n\r\n", 2)[1], StringComparison.Ordinal);
    }

    [Theory]
    [Trait("Row", "A13")]
    [Wire("a\r\n0123456789\r\n0\r\n\r\n")]
    [Wire("A\r\n0123456789\r\n0\r\n\r\n")]
    [Wire("0A\r\n0123456789\r\n0\r\n\r\n")]
    public async Task Digits_of_both_cases_are_read(Transport transport, Delivery delivery, string chunks)
    {
        await using var client = await stage.ConnectAsync(transport);
        await stage.SendAsync(client, "POST /chunks HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks, delivery);
        Assert.Equal("POST /chunks 0123456789", (await client.ReadResponseAsync()).BodyText);
    }

    /// <summary>The client gets 400 and the end; the upstream, which may have got the head, never gets the end of the body, nor another request.</summary>
    private async Task IsRefusedAsync(Transport transport, Delivery delivery, string chunks)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var attacked = -1;
        var target = stage.Plan(async (connection, _) =>
        {
            attacked = connection.Index;
            await connection.ReadToEndAsync();
            ended.TrySetResult();
        });
        await using var client = await stage.ConnectAsync(transport);
        await stage.SendAsync(client, $"POST {target} HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}{AttackStage.Smuggled}", delivery);
        var response = await client.ReadResponseAsync();
        Assert.Equal((400, "close"), (response.Status, response.Header("Connection")));
        await client.WaitForCloseAsync();

        Assert.NotEqual(attacked, await stage.IsServedAsync());
        if (!stage.Origin.Requests.Any(request => request.Line == $"POST {target} HTTP/1.1"))
            return;
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, TestContext.Current.CancellationToken);
        var received = stage.Received(stage.Request($"POST {target} "));
        Assert.DoesNotContain("\r\n0\r\n", received, StringComparison.Ordinal);
        Assert.DoesNotContain("smuggled", received, StringComparison.Ordinal);
    }

    /// <summary>Puts so many bytes where a number stands in braces.</summary>
    private static string Filled(string text)
    {
        var start = text.IndexOf('{', StringComparison.Ordinal);
        var end = text.IndexOf('}', StringComparison.Ordinal);
        var count = int.Parse(text.AsSpan(start + 1, end - start - 1), System.Globalization.CultureInfo.InvariantCulture);
        return text[..start] + new string('x', count) + text[(end + 1)..];
    }
}
