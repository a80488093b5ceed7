using Securely.Testing;

namespace Securely.Network.Tests.Proxy.Attacks;

/// <summary>Header lines that another reader could cut or join differently (rows A9 and A10).</summary>
public sealed class HeaderLineTests(AttackStage stage) : IClassFixture<AttackStage>
{
    private const string Get = "GET / HTTP/1.1\r\nHost: app.test\r\n";
    private const string Rest = "\r\n" + AttackStage.Smuggled;

    [Theory]
    [Trait("Row", "A9")]
    [Wire(Get + "X: a\r\n continued\r\n" + Rest)]
    [Wire(Get + "X: a\r\n\tcontinued\r\n" + Rest)]
    [Wire(Get + "X:\r\n a\r\n" + Rest)]
    [Wire(Get + "X: a\r\n \r\n" + Rest)]
    [Wire(Get + "X: a\r\n \r\n continued\r\n" + Rest)]
    [Wire(Get + " \r\n" + Rest)]
    [Wire(Get + " X: a\r\n" + Rest)]
    [Wire(Get + "\tX: a\r\n" + Rest)]
    [Wire("GET / HTTP/1.1\r\n Host: app.test\r\n" + Rest)]
    [Wire("GET / HTTP/1.1\r\n\r\n Host: app.test\r\n" + Rest)]
    [Wire("GET / HTTP/1.1\r\nHost:\r\n app.test\r\n" + Rest)]
    [Wire("GET / HTTP/1.1\r\nHost: app.test\r\n .evil.test\r\n" + Rest)]
    [Wire("GET / HTTP/1.0\r\nX: a\r\n continued\r\n" + Rest)]
    public Task A_folded_line_is_400(Transport transport, Delivery delivery, string wire) => stage.IsRefusedAsync(transport, delivery, wire);

    [Theory]
    [Trait("Row", "A10")]
    [Wire("GET / HTTP/1.1\nHost: app.test\n\n" + AttackStage.Smuggled)]
    [Wire("GET / HTTP/1.1\nHost: app.test\r\n" + Rest)]
    [Wire("GET / HTTP/1.1\r\nHost: app.test\n\r\n" + AttackStage.Smuggled)]
    [Wire(Get + "X: a\nY: b\r\n" + Rest)]
    [Wire(Get + "X: a\n" + Rest)]
    [Wire(Get + "X: a\r\n\n" + AttackStage.Smuggled)]
    [Wire(Get + "\n" + AttackStage.Smuggled)]
    [Wire(Get + "X: a\n\n" + AttackStage.Smuggled)]
    [Wire(Get + "X: a\n\r\n" + AttackStage.Smuggled)]
    [Wire(Get + "X:\n" + Rest)]
    [Wire(Get + "X\n" + Rest)]
    [Wire("\nGET / HTTP/1.1\r\nHost: app.test\r\n" + Rest)]
    public Task A_line_that_ends_in_a_bare_LF_is_400(Transport transport, Delivery delivery, string wire) => stage.IsRefusedAsync(transport, delivery, wire);

    [Theory]
    [Trait("Row", "A10")]
    [Wire("GET / HTTP/1.1\rHost: app.test\r\n" + Rest)]
    [Wire("GET / HTTP/1.1\r\rHost: app.test\r\n" + Rest)]
    [Wire("GET / HTTP/1.1\r\r\nHost: app.test\r\n" + Rest)]
    [Wire(Get + "X: a\rb\r\n" + Rest)]
    [Wire(Get + "X: a\rY: b\r\n" + Rest)]
    [Wire(Get + "X: a\r\r\n" + Rest)]
    [Wire(Get + "X: \r\r\n" + Rest)]
    [Wire(Get + "X:\ra\r\n" + Rest)]
    [Wire(Get + "X\r: a\r\n" + Rest)]
    [Wire(Get + "\rX: a\r\n" + Rest)]
    [Wire(Get + "\r\r\n" + AttackStage.Smuggled)]
    [Wire(Get + "\rGET /smuggled HTTP/1.1\r\n" + Rest)]
    public Task A_bare_CR_is_400(Transport transport, Delivery delivery, string wire) => stage.IsRefusedAsync(transport, delivery, wire);

    [Theory]
    [Trait("Row", "A10")]
    [Wire(Get + "X: a\0b\r\n" + Rest)]
    [Wire(Get + "X: \0\r\n" + Rest)]
    [Wire(Get + "X:\0\r\n" + Rest)]
    [Wire(Get + "X\0: a\r\n" + Rest)]
    [Wire(Get + "\0X: a\r\n" + Rest)]
    [Wire(Get + "\0\r\n" + Rest)]
    [Wire(Get + "X: a\u0001\r\n" + Rest)]
    [Wire(Get + "X: a\u0008\r\n" + Rest)]
    [Wire(Get + "X: a\u000b\r\n" + Rest)]
    [Wire(Get + "X: a\u000c\r\n" + Rest)]
    [Wire(Get + "X: a\u001b[2J\r\n" + Rest)]
    [Wire(Get + "X: a\u001f\r\n" + Rest)]
    [Wire(Get + "X: a\u007f\r\n" + Rest)]
    [Wire(Get + "X\u0001: a\r\n" + Rest)]
    [Wire(Get + "X\u007f: a\r\n" + Rest)]
    [Wire("GET / HTTP/1.1\r\nHost: app.test\0\r\n" + Rest)]
    public Task A_control_character_is_400(Transport transport, Delivery delivery, string wire) => stage.IsRefusedAsync(transport, delivery, wire);

    [Theory]
    [Trait("Row", "A10")]
    [Wire(Get + "X : a\r\n" + Rest)]
    [Wire(Get + "X\t: a\r\n" + Rest)]
    [Wire(Get + "X \t : a\r\n" + Rest)]
    [Wire(Get + "X\u000b: a\r\n" + Rest)]
    [Wire(Get + "X\u00a0: a\r\n" + Rest)]
    [Wire(Get + "X y: a\r\n" + Rest)]
    [Wire(Get + ": a\r\n" + Rest)]
    [Wire(Get + ":\r\n" + Rest)]
    [Wire(Get + " : a\r\n" + Rest)]
    [Wire(Get + ":path: /smuggled\r\n" + Rest)]
    [Wire(Get + ":authority: evil.test\r\n" + Rest)]
    [Wire(Get + "X\u0080: a\r\n" + Rest)]
    [Wire(Get + "X\u00e9: a\r\n" + Rest)]
    [Wire(Get + "\u00ff: a\r\n" + Rest)]
    [Wire(Get + "X\u00c4\u00b0: a\r\n" + Rest)]
    [Wire(Get + "(X): a\r\n" + Rest)]
    [Wire(Get + "X@y: a\r\n" + Rest)]
    [Wire(Get + "X/y: a\r\n" + Rest)]
    [Wire(Get + "X=y: a\r\n" + Rest)]
    [Wire(Get + "\"X\": a\r\n" + Rest)]
    [Wire(Get + "[X]: a\r\n" + Rest)]
    [Wire(Get + "{X}: a\r\n" + Rest)]
    [Wire(Get + "X,Y: a\r\n" + Rest)]
    [Wire(Get + "X;Y: a\r\n" + Rest)]
    [Wire(Get + "X\\Y: a\r\n" + Rest)]
    [Wire(Get + "X\r\n" + Rest)]
    [Wire(Get + "no colon\r\n" + Rest)]
    [Wire(Get + "GET /smuggled HTTP/1.1\r\n" + Rest)]
    [Wire("GET / HTTP/1.1\r\nHost : app.test\r\n" + Rest)]
    [Wire("GET / HTTP/1.1\r\nHost\r\n" + Rest)]
    public Task A_name_that_is_no_token_is_400(Transport transport, Delivery delivery, string wire) => stage.IsRefusedAsync(transport, delivery, wire);

    [Theory]
    [Trait("Row", "A10")]
    [Wire("X:a\r\n", "X", "a")]
    [Wire("X:\r\n", "X", "")]
    [Wire("X: \t a \t b \t \r\n", "X", "a \t b")]
    [Wire("!#$%&'*+-.^_`|~09AZaz: a\r\n", "!#$%&'*+-.^_`|~09AZaz", "a")]
    [Wire("X: \u00e9\u0080\u00ff\r\n", "X", "\u00e9\u0080\u00ff")]
    [Wire("X: : \"\\,;\r\n", "X", ": \"\\,;")]
    public async Task An_odd_line_that_is_well_formed_is_forwarded_as_it_was_read(Transport transport, Delivery delivery, string line, string name, string value)
    {
        await using var client = await stage.ConnectAsync(transport);
        await stage.SendAsync(client, Get + line + "\r\n" + AttackStage.Next, delivery);

        Assert.Equal("GET / ", (await client.ReadResponseAsync()).BodyText);
        Assert.Equal("GET /next ", (await client.ReadResponseAsync()).BodyText);
        Assert.Equal([value], stage.Request("GET / ").Values(name));
        Assert.Empty(stage.Request("GET /next ").Values(name));
    }
}
