using System.Net;
using System.Net.Sockets;
using System.Text;
using Securely.Testing;

namespace Securely.Functional.Tests;

/// <summary>The scripted origin against a plain socket of the framework.</summary>
public sealed class TestOriginTests
{
    [Fact]
    public async Task Runs_the_script_of_each_connection_and_the_last_one_for_the_rest()
    {
        await using var origin = TestOrigin.Start(OriginScripts.Ok("first"), OriginScripts.Ok("others"));

        Assert.EndsWith("first", await AskAsync(origin.EndPoint, "GET /1 HTTP/1.1\r\n\r\n"), StringComparison.Ordinal);
        Assert.EndsWith("others", await AskAsync(origin.EndPoint, "GET /2 HTTP/1.1\r\n\r\n"), StringComparison.Ordinal);
        Assert.EndsWith("others", await AskAsync(origin.EndPoint, "GET /3 HTTP/1.1\r\n\r\n"), StringComparison.Ordinal);
        Assert.Equal(3, origin.ConnectionCount);
    }

    [Fact]
    public async Task Records_heads_bodies_and_where_they_came_from()
    {
        await using var origin = TestOrigin.Start(OriginScripts.EchoBody());

        await AskAsync(origin.EndPoint, "POST /a HTTP/1.1\r\nX-One: 1\r\nContent-Length: 3\r\n\r\nabc");
        await AskAsync(origin.EndPoint, "PUT /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nde\r\n1\r\nf\r\n0\r\n\r\n");

        Assert.Equal(["POST /a HTTP/1.1", "PUT /b HTTP/1.1"], origin.Requests.Select(request => request.Line));
        Assert.Equal(["abc", "def"], origin.Requests.Select(request => Encoding.Latin1.GetString(request.Body)));
        Assert.Equal([0, 1], origin.Requests.Select(request => request.Connection));
        Assert.Equal(["1"], origin.Requests[0].Values("x-one"));
        Assert.All(origin.RemoteEndPoints, endPoint => Assert.Equal(IPAddress.Loopback, Assert.IsType<IPEndPoint>(endPoint).Address));
        Assert.Equal("POST /a HTTP/1.1\r\nX-One: 1\r\nContent-Length: 3\r\n\r\nabc", origin.Connections[0].ReceivedText);
    }

    [Fact]
    public async Task Counts_hits_over_all_connections()
    {
        await using var origin = TestOrigin.Start(OriginScripts.HitCounter());

        Assert.EndsWith("\r\n\r\n1", await AskAsync(origin.EndPoint, "GET / HTTP/1.1\r\n\r\n"), StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n2", await AskAsync(origin.EndPoint, "GET / HTTP/1.1\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Echoes_the_head_over_a_unix_socket()
    {
        await using var origin = TestOrigin.StartUnix(OriginScripts.EchoHead());

        Assert.StartsWith("unix:/", origin.Address, StringComparison.Ordinal);
        Assert.EndsWith("GET /unix HTTP/1.1\r\nHost: a\r\n\r\n", await AskAsync(origin.EndPoint, "GET /unix HTTP/1.1\r\nHost: a\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answers_several_requests_on_one_connection()
    {
        await using var origin = TestOrigin.Start(OriginScripts.HitCounter());
        await using var client = await RawClient.ConnectAsync(origin.EndPoint);

        Assert.Equal("1", (await client.ExchangeAsync("GET / HTTP/1.1\r\n\r\n")).BodyText);
        Assert.Equal("2", (await client.ExchangeAsync("GET / HTTP/1.1\r\n\r\n")).BodyText);
        Assert.Equal(1, origin.ConnectionCount);
    }

    [Fact]
    public async Task Waits_for_the_client_to_close()
    {
        var phases = new PhaseBarrier();
        await using var origin = TestOrigin.Start(async connection => phases.Signal((await connection.WaitForCloseAsync()).ToString()));
        await using var reset = await RawClient.ConnectAsync(origin.EndPoint);
        await using var finished = await RawClient.ConnectAsync(origin.EndPoint);
        await origin.WaitForConnectionsAsync(2);

        reset.Reset();
        await phases.WaitAsync("Reset");
        finished.HalfClose();
        await phases.WaitAsync("Finished");

        Assert.Equal((1, 1), (phases.Count("Reset"), phases.Count("Finished")));
    }

    [Fact]
    public async Task A_failed_script_fails_the_test_when_the_origin_is_disposed()
    {
        var origin = TestOrigin.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            Assert.Fail("the script says no");
        });

        Assert.Equal("", await AskAsync(origin.EndPoint, "GET / HTTP/1.1\r\n\r\n"));

        var error = await Assert.ThrowsAsync<AggregateException>(async () => await origin.DisposeAsync());
        Assert.Contains("the script says no", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_script_whose_other_side_went_away_is_no_failure()
    {
        await using var origin = TestOrigin.Start(async connection => await connection.ReadExactAsync(1000));
        await using var client = await RawClient.ConnectAsync(origin.EndPoint);

        client.HalfClose();
        await client.WaitForCloseAsync();

        Assert.Empty(origin.Failures);
    }

    [Fact]
    public async Task Refuses_after_it_stopped_listening()
    {
        await using var origin = TestOrigin.Start(OriginScripts.Ok());
        origin.StopListening();

        await Assert.ThrowsAsync<IOException>(() => RawClient.ConnectAsync(origin.EndPoint));
    }

    private static async Task<string> AskAsync(EndPoint endPoint, string request)
    {
        using var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, endPoint is UnixDomainSocketEndPoint ? ProtocolType.Unspecified : ProtocolType.Tcp);
        await socket.ConnectAsync(endPoint, TestContext.Current.CancellationToken);
        await socket.SendAsync(Encoding.Latin1.GetBytes(request), TestContext.Current.CancellationToken);
        socket.Shutdown(SocketShutdown.Send);
        var answer = new StringBuilder();
        var buffer = new byte[4096];
        int read;
        while ((read = await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken)) > 0)
            answer.Append(Encoding.Latin1.GetString(buffer, 0, read));
        return answer.ToString();
    }
}
