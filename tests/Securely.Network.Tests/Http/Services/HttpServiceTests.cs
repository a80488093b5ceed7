using Securely.Http;
using Securely.Net;
using Securely.Testing;

namespace Securely.Network.Tests.Http.Services;

/// <summary>Connections of an HTTP service: how long they live, and what ends them.</summary>
public sealed class HttpServiceTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n";

    [Theory]
    [InlineData(Delivery.Whole)]
    [InlineData(Delivery.Lines)]
    [InlineData(Delivery.Bytes)]
    public async Task A_connection_serves_no_more_requests_than_its_limit(Delivery delivery)
    {
        await using var stage = new Stage();
        var client = await stage.ServeAsync(
            session => session.RespondAsync(200, $"{session.RequestsBefore}"),
            () => new ReplayConnection(delivery).Read(Get + Get + Get),
            new HttpServiceOptions { KeepAliveRequestLimit = 2 });

        Assert.Equal(["keep-alive", "close"], client.Written.Split("Connection: ").Skip(1).Select(rest => rest[..rest.IndexOf('\r', StringComparison.Ordinal)]));
        Assert.EndsWith("\r\n\r\n1", client.Written, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ten_thousand_pipelined_requests_are_answered_in_order_beside_another_connection()
    {
        await using var host = await RunningHttp.StartAsync(session => session.RespondAsync(200, session.Request.QueryText));
        await using var greedy = await host.ConnectAsync();
        await using var modest = await host.ConnectAsync();

        var sending = greedy.SendAsync(string.Concat(Enumerable.Range(0, 10_000).Select(number => $"GET /?{number} HTTP/1.1\r\nHost: a.test\r\n\r\n")));
        Assert.Equal("modest", (await modest.ExchangeAsync("GET /?modest HTTP/1.1\r\nHost: a.test\r\n\r\n")).BodyText);
        for (var number = 0; number < 10_000; number++)
            Assert.Equal($"{number}", (await greedy.ReadResponseAsync()).BodyText);
        await sending;
    }

    [Fact]
    public async Task An_answer_to_a_large_upload_reaches_a_client_that_reads_late()
    {
        await using var host = await RunningHttp.StartAsync(session => session.RespondAsync(413));
        await using var client = await host.ConnectAsync();
        await client.SendAsync($"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: {8 << 20}\r\n\r\n");
        // The service reads a part of what it does not want; then its end of the connection is closed, and the sender is told so.
        await Record.ExceptionAsync(() => client.SendAsync(new byte[8 << 20]));

        Assert.Equal(413, (await client.ReadResponseAsync()).Status);
        Assert.Equal(ConnectionEnd.Finished, await client.WaitForCloseAsync());
    }

    [Theory]
    [InlineData(500)]
    [InlineData(0)]
    public async Task A_handler_that_throws_ends_its_request_alone(int status)
    {
        await using var stage = new Stage();
        var client = await stage.ServeAsync(
            async session =>
            {
                if (status == 0)
                {
                    session.WriteHeader(new ResponseHeader(200), isEnd: false);
                    await session.WriteBodyAsync("abc"u8.ToArray(), isEnd: false);
                    await session.FlushAsync();
                }

                throw new InvalidOperationException("broken handler");
            },
            () => new ReplayConnection().Read("GET / HTTP/1.0\r\n\r\n"));

        Assert.Equal(status == 0, client.AbortReason is not null);
        Assert.StartsWith(status == 0 ? "HTTP/1.1 200 " : "HTTP/1.1 500 ", client.Written, StringComparison.Ordinal);
        Assert.Contains("Error: Request [GET /] failed in its handler", stage.Log.Lines);
    }

    [Fact]
    public async Task A_handler_that_throws_after_its_whole_response_leaves_the_response_alone()
    {
        await using var stage = new Stage();
        var client = await stage.ServeAsync(
            async session =>
            {
                await session.RespondAsync(200, "whole");
                throw new InvalidOperationException("broken handler");
            },
            () => new ReplayConnection().Read(Get));

        Assert.Null(client.AbortReason);
        Assert.EndsWith("\r\n\r\nwhole", client.Written, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handler_whose_own_connection_fails_answers_500()
    {
        await using var stage = new Stage();
        var client = await stage.ServeAsync(
            _ => throw new NetException(NetErrorKind.ConnectRefused, "Peer [10.0.0.1:25] refused the connection"),
            () => new ReplayConnection().Read(Get));

        Assert.StartsWith("HTTP/1.1 500 ", client.Written, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Transfer-Encoding: chunked\r\n\r\nnonsense\r\n", "HTTP/1.1 400 ")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\nff\r\n", "HTTP/1.1 413 ")]
    [InlineData("Content-Length: 9\r\n\r\nabc", "")]
    public async Task A_body_that_cannot_be_read_is_its_clients_fault(string rest, string answer)
    {
        await using var stage = new Stage();
        var client = await stage.ServeAsync(
            ReadAllAsync,
            () => new ReplayConnection().Read($"POST / HTTP/1.1\r\nHost: a.test\r\n{rest}").End(),
            new HttpServiceOptions { Limits = new HttpLimits { Body = 100 } });

        Assert.StartsWith(answer, client.Written, StringComparison.Ordinal);
        Assert.Equal(answer.Length == 0, client.Written.Length == 0);
        Assert.Empty(stage.Log.Lines);
    }

    [Fact]
    public async Task A_request_that_is_not_answered_gets_500_and_a_body_that_is_not_ended_gets_its_end()
    {
        await using var stage = new Stage();
        var client = await stage.ServeAsync(
            session =>
            {
                if (session.RequestsBefore > 0)
                    return default;
                session.WriteHeader(new ResponseHeader(200), isEnd: false);
                return session.WriteBodyAsync("abc"u8.ToArray(), isEnd: false);
            },
            () => new ReplayConnection().Read(Get + Get));

        Assert.Contains("\r\n\r\n3\r\nabc\r\n0\r\n\r\nHTTP/1.1 500 ", client.Written, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_response_below_its_length_breaks_the_connection()
    {
        await using var stage = new Stage();
        var client = await stage.ServeAsync(
            session =>
            {
                var header = new ResponseHeader(200);
                header.Headers.Set(HeaderName.ContentLength, "9");
                session.WriteHeader(header, isEnd: false);
                return session.WriteBodyAsync("abc"u8.ToArray(), isEnd: false);
            },
            () => new ReplayConnection().Read(Get));

        Assert.NotNull(client.AbortReason);
    }

    [Fact]
    public async Task Endpoints_with_settings_of_their_own_keep_sessions_of_their_own()
    {
        var made = 0;
        var service = new CountingService(() => Interlocked.Increment(ref made));
        service.AddTcp("127.0.0.1:0");
        service.AddTcp("127.0.0.2:0", settings: new HttpEndpointSettings(HttpTimeouts.Default, new HttpLimits { Body = 3 }));
        await using var host = await RunningHttp.StartAsync(service, listens: true);
        await using var first = await host.ConnectAsync(0);
        await using var second = await host.ConnectAsync(1);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(200, (await first.ExchangeAsync("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 4\r\n\r\nbody")).Status);
            Assert.Equal(200, (await second.ExchangeAsync(Get)).Status);
        }

        Assert.Equal(413, (await second.ExchangeAsync("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 4\r\n\r\nbody")).Status);
        Assert.Equal(2, made);
    }

    [Fact]
    public async Task While_the_service_stops_a_response_says_that_its_connection_ends()
    {
        var phases = new PhaseBarrier();
        var host = await RunningHttp.StartAsync(async session =>
        {
            phases.Signal("in handler");
            await phases.WaitAsync("stopping");
            await session.RespondAsync(200, "last");
        });
        await using (host)
        {
            await using var idle = await host.ConnectAsync();
            await using var busy = await host.ConnectAsync();
            await busy.SendAsync(Get + Get);
            await phases.WaitAsync("in handler");
            await host.ShutDownAsync();
            Assert.Equal(ConnectionEnd.Finished, await idle.WaitForCloseAsync());
            phases.Signal("stopping");

            var response = await busy.ReadResponseAsync();
            Assert.Equal(("last", "close"), (response.BodyText, response.Header("Connection")));
            Assert.Equal(ConnectionEnd.Finished, await busy.WaitForCloseAsync());
            await host.WhenStoppedAsync();
        }
    }

    private static async ValueTask ReadAllAsync(ServerSession session)
    {
        while (!(await session.ReadBodyAsync()).IsEnd)
        {
        }

        await session.RespondAsync(200);
    }

    private sealed class CountingService(Action made) : HttpService("counting", new Handler(ReadAllAsync))
    {
        protected override object? CreateSessionState()
        {
            made();
            return base.CreateSessionState();
        }
    }
}
