using System.Text;
using Securely.Net;
using Securely.Testing;
using Xunit.Sdk;

namespace Securely.Functional.Tests;

/// <summary>The scripted connection, driven by hand.</summary>
public sealed class ReplayConnectionTests
{
    public static TheoryData<Delivery> Deliveries => [Delivery.Whole, Delivery.Lines, Delivery.Bytes];

    [Theory]
    [InlineData(Delivery.Whole, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData(Delivery.Lines, "GET / HTTP/1.1\r\n|Host: a\r\n|\r\n")]
    [InlineData(Delivery.Bytes, "G|E|T| |/| |H|T|T|P|/|1|.|1|\r|\n|H|o|s|t|:| |a|\r|\n|\r|\n")]
    public async Task Hands_out_the_pieces_of_the_delivery_and_then_the_end(Delivery delivery, string pieces)
    {
        var connection = new ReplayConnection(delivery).Read("GET / HTTP/1.1\r\nHost: a\r\n\r\n");

        Assert.Equal(pieces, string.Join('|', await ReadPiecesAsync(connection)));
        connection.AssertFinished();
    }

    [Theory]
    [MemberData(nameof(Deliveries))]
    public async Task A_read_waits_until_the_expected_bytes_are_written(Delivery delivery)
    {
        var connection = new ReplayConnection(delivery).Read("a").Write("one two").Read("b");
        Assert.Equal("a", await ReadAsync(connection));

        var reading = ReadAsync(connection);
        await connection.WriteAsync("one"u8.ToArray());
        Assert.False(reading.IsCompleted);
        await connection.WriteAsync(" "u8.ToArray(), "two"u8.ToArray());

        Assert.Equal("b", await reading);
        Assert.Equal("one two", connection.Written);
        connection.AssertFinished();
    }

    [Fact]
    public async Task Suspends_before_every_piece_unless_delivered_whole()
    {
        var cut = new ReplayConnection(Delivery.Bytes).Read("ab");
        var whole = new ReplayConnection().Read("ab");

        Assert.False(cut.TryRead(new byte[2], out _));
        Assert.True(await cut.WaitReadableAsync());
        Assert.True(cut.TryRead(new byte[2], out var count));
        Assert.Equal(1, count);
        Assert.False(cut.TryRead(new byte[2], out _));
        Assert.True(whole.TryRead(new byte[2], out count));
        Assert.Equal(2, count);
    }

    [Fact]
    public async Task Other_bytes_than_the_expected_ones_fail_even_when_the_error_is_caught()
    {
        var connection = new ReplayConnection().Write("HTTP/1.1 200 OK\r\n");

        await Assert.ThrowsAsync<XunitException>(async () => await connection.WriteAsync("HTTP/1.1 500"u8.ToArray()));

        var error = Assert.Throws<XunitException>(connection.AssertFinished);
        Assert.Equal(@"[5] was written, but [200 OK\r\n] was expected after [HTTP/1.1 ]", error.Message);
    }

    [Fact]
    public async Task Bytes_that_are_left_over_fail()
    {
        var unread = new ReplayConnection().Read("abc");
        await unread.ReadAsync(new byte[1]);
        var unwritten = new ReplayConnection().Write("abc");
        await unwritten.WriteAsync("a"u8.ToArray());

        Assert.Equal("[bc] was not read; written: []", Assert.Throws<XunitException>(unread.AssertFinished).Message);
        Assert.Equal("[bc] was not written; written: [a]", Assert.Throws<XunitException>(unwritten.AssertFinished).Message);
        await Assert.ThrowsAsync<XunitException>(async () => await unwritten.WriteAsync("bcd"u8.ToArray()));
    }

    [Fact]
    public async Task Silence_times_out_when_there_is_a_deadline_and_fails_when_there_is_none()
    {
        var bounded = new ReplayConnection().Silence();
        bounded.SetReadDeadline(TimeSpan.FromSeconds(60));
        var unbounded = new ReplayConnection().Silence();

        var late = await Assert.ThrowsAsync<NetException>(async () => await bounded.ReadAsync(new byte[1]));
        Assert.Equal(NetErrorKind.ReadTimedOut, late.Kind);
        bounded.AssertFinished();
        await Assert.ThrowsAsync<XunitException>(async () => await unbounded.ReadAsync(new byte[1]));
        Assert.Throws<XunitException>(unbounded.AssertFinished);
    }

    [Fact]
    public async Task Reads_and_writes_fail_where_the_script_says_so()
    {
        var connection = new ReplayConnection().Write("a").FailWrite().Read("never");
        await connection.WriteAsync("a"u8.ToArray());
        var reset = new ReplayConnection().Read("x").FailRead(NetErrorKind.ConnectionClosed);
        await reset.ReadAsync(new byte[8]);

        Assert.Equal(NetErrorKind.WriteError, (await Assert.ThrowsAsync<NetException>(async () => await connection.WriteAsync("b"u8.ToArray()))).Kind);
        Assert.Equal(NetErrorKind.ConnectionClosed, (await Assert.ThrowsAsync<NetException>(async () => await reset.ReadAsync(new byte[8]))).Kind);
    }

    [Fact]
    public async Task Closing_and_stopping_end_a_read_that_waits()
    {
        var aborted = new ReplayConnection().Write("never").Read("x");
        var reading = ReadAsync(aborted);
        aborted.Abort(new NetException(NetErrorKind.Internal, "enough"));
        var idle = new ReplayConnection().Write("never");
        var waiting = idle.WaitReadableAsync();
        idle.StopWaiting();

        Assert.Equal("enough", (await Assert.ThrowsAsync<NetException>(() => reading)).Message);
        Assert.True(aborted.Closed.IsCancellationRequested);
        Assert.False(await waiting);
    }

    [Fact]
    public async Task Is_quiet_until_something_arrives_and_tells_the_watcher()
    {
        var connection = new ReplayConnection().Write("a").Read("stray");
        var watcher = new Watcher();
        connection.Watcher = watcher;

        Assert.True(connection.IsQuiet(probe: true));
        await connection.WriteAsync("a"u8.ToArray());

        Assert.False(connection.IsQuiet(probe: true));
        Assert.Equal([false], watcher.Told);
    }

    private static async Task<string> ReadAsync(ReplayConnection connection)
    {
        var buffer = new byte[64];
        return Encoding.Latin1.GetString(buffer, 0, await connection.ReadAsync(buffer));
    }

    private static async Task<List<string>> ReadPiecesAsync(ReplayConnection connection)
    {
        var pieces = new List<string>();
        while (await ReadAsync(connection) is { Length: > 0 } piece)
            pieces.Add(piece);
        return pieces;
    }

    private sealed class Watcher : IConnectionWatcher
    {
        public List<bool> Told { get; } = [];

        public void OnInput(Connection connection, bool ended) => Told.Add(ended);
    }
}
