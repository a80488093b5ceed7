using Securely.Testing;

namespace Securely.Functional.Tests;

/// <summary>Transfers that break off: the client never takes a part for the whole.</summary>
public sealed class ProxyEndToEndFailureTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: app.test\r\n\r\n";

    [Fact]
    [Trait("Case", "15")]
    public async Task Close_on_response_before_downstream_finish()
    {
        await using var origin = TestOrigin.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.SendOkAsync("enough");
            await connection.ReadToEndAsync();
        });
        await using var host = await ProxyHost.StartAsync(new ForwardingProxy(origin.EndPoint));
        await using var client = await host.ConnectAsync();

        await client.SendAsync("POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 100\r\n\r\nonly these");
        var response = await client.ReadResponseAsync();

        Assert.Equal((200, "enough", "close"), (response.Status, response.BodyText, response.Header("Connection")));
        await client.WaitForCloseAsync();
    }

    [Theory]
    [Trait("Case", "20")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")]
    public async Task Connection_die_in_the_body_aborts_the_body(string beginning)
    {
        var phases = new PhaseBarrier();
        await using var origin = TestOrigin.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.SendAsync(beginning);
            await phases.WaitAsync("hello read");
            connection.Reset();
        });
        await using var host = await ProxyHost.StartAsync(new ForwardingProxy(origin.EndPoint));
        await using var client = await host.ConnectAsync();

        await client.SendAsync(Get);
        var head = await client.ReadHeadAsync();
        await client.ReadUntilAsync("hello");
        phases.Signal("hello read");
        var rest = await client.ReadToEndAsync();

        Assert.Equal(200, head.Status);
        Assert.DoesNotContain("0\r\n\r\n", rest.Text, StringComparison.Ordinal);
        Assert.Equal("", rest.Text.Trim());
    }

    [Theory]
    [Trait("Case", "21")]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Le")]
    public async Task Error_before_headers_sent_is_502_with_an_empty_body(string beginning)
    {
        await using var origin = TestOrigin.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.SendAsync(beginning);
        });
        await using var host = await ProxyHost.StartAsync(new ForwardingProxy(origin.EndPoint));
        await using var client = await host.ConnectAsync();

        var response = await client.ExchangeAsync(Get);

        Assert.Equal((502, "0", ""), (response.Status, response.Header("Content-Length"), response.BodyText));
        Assert.Equal("private, no-store", response.Header("Cache-Control"));
    }

    [Fact]
    [Trait("Case", "23")]
    public async Task Download_timeout_aborts_when_the_client_stops_reading()
    {
        var phases = new PhaseBarrier();
        await using var origin = TestOrigin.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
            try
            {
                for (var block = new byte[256 * 1024]; ;)
                    await connection.SendAsync(block);
            }
            catch (IOException)
            {
                phases.Signal("aborted");
            }
        });
        await using var host = await ProxyHost.StartAsync(new ForwardingProxy(origin.EndPoint), new ProxyHostOptions { WriteTimeout = TimeSpan.FromMilliseconds(300) });
        await using var client = await RawClient.ConnectAsync(host.EndPoint, receiveBuffer: 4096);

        await client.SendAsync(Get);
        await phases.WaitAsync("aborted");

        Assert.True((await client.ReadToEndAsync()).Bytes.Length < 100_000_000);
    }

    [Fact]
    [Trait("Case", "23")]
    public async Task A_client_that_goes_away_ends_its_upstream_request()
    {
        var phases = new PhaseBarrier();
        await using var origin = TestOrigin.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            phases.Signal("arrived");
            await connection.WaitForCloseAsync();
            phases.Signal("closed");
        });
        await using var host = await ProxyHost.StartAsync(new ForwardingProxy(origin.EndPoint));
        await using var client = await host.ConnectAsync();

        await client.SendAsync(Get);
        await phases.WaitAsync("arrived");
        client.Close();

        await phases.WaitAsync("closed");
    }
}
