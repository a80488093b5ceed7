using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Securely.Net;
using Securely.Testing;

namespace Securely.Network.Tests.Net.Tls;

public sealed class TlsConnectionTests
{
    private const int ApplicationData = 23;

    [Theory]
    [InlineData(SslProtocols.Tls12, TestKey.P256)]
    [InlineData(SslProtocols.Tls13, TestKey.P256)]
    [InlineData(SslProtocols.Tls12, TestKey.Rsa2048)]
    [InlineData(SslProtocols.Tls13, TestKey.Rsa2048)]
    public async Task Speaks_both_versions_with_cheap_and_with_expensive_keys(SslProtocols version, TestKey key)
    {
        await using var pair = await TlsPair.StartAsync(version, key: key);
        await pair.Client.WriteAsync("question"u8.ToArray());
        Assert.Equal("question", await ReadAsync(pair));
        await pair.OnWorkerAsync(server => server.WriteAsync("answer"u8.ToArray()));
        Assert.Equal("answer", await HearAsync(pair, 6));
        Assert.True(pair.Server.IsEncrypted);
        var tls = pair.Server.Digest.Tls!;
        Assert.Equal((version, "app.test", null), (tls.Version, tls.ServerName, tls.PeerCertificate));
        Assert.Equal(pair.Client.NegotiatedCipherSuite, tls.CipherSuite);
    }

    [Fact]
    public async Task A_head_and_the_beginning_of_its_body_are_one_record()
    {
        await using var pair = await TlsPair.StartAsync();
        pair.Wire.Forget();
        await pair.OnWorkerAsync(server => server.WriteAsync("head"u8.ToArray(), "body"u8.ToArray()));
        Assert.Equal("headbody", await HearAsync(pair, 8));
        var record = Assert.Single(pair.Wire.Records, r => r.Length < 100);
        Assert.Equal((ApplicationData, 8 + 17), record);
    }

    [Theory]
    [InlineData(0, 40_000)]
    [InlineData(100, 0)]
    [InlineData(100, 16_284)]
    [InlineData(100, 16_285)]
    [InlineData(16_384, 1)]
    [InlineData(20_000, 20_000)]
    public async Task What_does_not_fit_into_one_record_arrives_whole(int first, int second)
    {
        await using var pair = await TlsPair.StartAsync();
        var bytes = new byte[first + second];
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)(i * 31);
        await pair.OnWorkerAsync(server => server.WriteAsync(bytes.AsMemory(0, first), bytes.AsMemory(first)));
        var heard = new byte[bytes.Length];
        await pair.Client.ReadExactlyAsync(heard).AsTask().WaitAsync(TestWorkers.Patience);
        Assert.True(bytes.AsSpan().SequenceEqual(heard));
    }

    [Fact]
    public async Task Half_a_record_makes_a_connection_that_is_not_quiet()
    {
        await using var pair = await TlsPair.StartAsync();
        pair.Wire.IsHolding = true;
        await pair.Client.WriteAsync("first"u8.ToArray());
        await pair.Client.WriteAsync("second"u8.ToArray());
        await pair.Wire.ReleaseAsync(butLast: 1);
        Assert.Equal("first", await ReadAsync(pair));
        // Everything that has arrived is inside of TLS now, so the socket alone looks quiet.
        Assert.False(await pair.Workers.RunAsync(() => pair.Server.IsQuiet(probe: true)));
        await pair.Wire.ReleaseAsync();
        Assert.Equal("second", await ReadAsync(pair));
        Assert.True(await pair.Workers.RunAsync(() => pair.Server.IsQuiet(probe: true)));
    }

    [Fact]
    public async Task Decrypted_bytes_that_nobody_has_read_make_a_connection_that_is_not_quiet()
    {
        await using var pair = await TlsPair.StartAsync();
        await pair.Client.WriteAsync("abcd"u8.ToArray());
        Assert.Equal("ab", await ReadAsync(pair, 2));
        Assert.False(await pair.Workers.RunAsync(() => pair.Server.IsQuiet(probe: true)));
        Assert.True(await pair.OnWorkerAsync(server => server.WaitReadableAsync()));
        Assert.Equal("cd", await ReadAsync(pair));
        Assert.True(await pair.Workers.RunAsync(() => pair.Server.IsQuiet(probe: true)));
    }

    [Fact]
    public async Task After_a_wait_what_has_arrived_is_read_without_suspending()
    {
        await using var pair = await TlsPair.StartAsync();
        for (var i = 0; i < 3; i++)
        {
            var waiting = pair.OnWorkerAsync(server => server.WaitReadableAsync());
            await pair.Client.WriteAsync("abc"u8.ToArray());
            Assert.True(await waiting);
            Assert.Equal(3, await pair.Workers.RunAsync(() => pair.Server.TryRead(new byte[16], out var count) ? count : -1));
            Assert.False(await pair.Workers.RunAsync(() => pair.Server.TryRead(new byte[16], out _)));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Half_a_record_is_waited_for_without_the_buffer_of_the_one_who_tried(bool waits)
    {
        await using var pair = await TlsPair.StartAsync();
        await pair.Client.WriteAsync("x"u8.ToArray());
        Assert.Equal("x", await ReadAsync(pair));
        pair.Wire.IsHolding = true;
        await pair.Client.WriteAsync("rest"u8.ToArray());
        await pair.Wire.ReleaseAsync(butLast: 1);
        var tried = new byte[16];
        await pair.OnWorkerAsync(async server =>
        {
            Assert.True(await server.WaitReadableAsync());
            Assert.False(server.TryRead(tried, out _));
            Assert.False(server.TryRead(tried, out _));
            Assert.False(server.IsQuiet(probe: true));
        });
        var reading = waits ? WaitThenReadAsync(pair) : ReadAsync(pair);
        await pair.Wire.ReleaseAsync();
        Assert.Equal("rest", await reading);
        Assert.Equal(new byte[16], tried);
        Assert.True(await pair.Workers.RunAsync(() => pair.Server.IsQuiet(probe: true)));
    }

    [Fact]
    public async Task A_wait_ends_when_the_service_stops_and_the_connection_still_works()
    {
        await using var pair = await TlsPair.StartAsync();
        // The first wait looks into what the handshake may have left inside.
        foreach (var _ in Enumerable.Range(0, 2))
        {
            var waiting = pair.OnWorkerAsync(server => server.WaitReadableAsync());
            await pair.Workers.RunAsync(pair.Server.StopWaiting);
            Assert.False(await waiting);
            await pair.Client.WriteAsync("x"u8.ToArray());
            Assert.Equal("x", await ReadAsync(pair));
        }
    }

    [Fact]
    public async Task A_watcher_is_told_of_what_arrives_and_of_the_end()
    {
        await using var pair = await TlsPair.StartAsync();
        await pair.Client.WriteAsync("x"u8.ToArray());
        Assert.Equal("x", await ReadAsync(pair));
        var watcher = new TellingWatcher();
        await pair.Workers.RunAsync(() => pair.Server.Watcher = watcher);
        pair.Wire.Socket.Shutdown(SocketShutdown.Send);
        var (connection, ended) = await watcher.Told.WaitAsync(TestWorkers.Patience);
        Assert.Same(pair.Server, connection);
        Assert.True(ended);
    }

    [Fact]
    public async Task A_deadline_of_a_read_holds_however_the_record_is_cut()
    {
        await using var pair = await TlsPair.StartAsync();
        pair.Wire.IsHolding = true;
        await pair.Client.WriteAsync("never whole"u8.ToArray());
        await pair.Wire.ReleaseAsync(butLast: 1);
        var error = await Assert.ThrowsAsync<NetException>(() => pair.OnWorkerAsync(server =>
        {
            server.SetReadDeadline(TimeSpan.FromMilliseconds(50));
            return server.ReadAsync(new byte[16]);
        }));
        Assert.Equal(NetErrorKind.ReadTimedOut, error.Kind);
        Assert.Same(pair.Server, error.Connection);
    }

    [Fact]
    public async Task It_moves_to_another_worker_between_two_messages()
    {
        await using var pair = await TlsPair.StartAsync(threads: 2);
        for (var i = 0; i < 20; i++)
        {
            await pair.Client.WriteAsync(new[] { (byte)i });
            await pair.Workers.RunAsync(async () =>
            {
                var buffer = new byte[4];
                Assert.Equal(1, await pair.Server.ReadAsync(buffer));
                await pair.Server.MoveToAsync(pair.Workers[1 - Worker.Current!.Index]);
                Assert.Same(pair.Server.Worker, Worker.Current);
                await pair.Server.WriteAsync(buffer.AsMemory(0, 1));
            }, i % 2);
            Assert.Equal(i, pair.Client.ReadByte());
        }

        await pair.Workers.RunAsync(pair.Server.Close, pair.Server.Worker!.Index);
    }

    [Fact]
    public async Task A_large_stream_goes_in_both_directions_at_once()
    {
        await using var pair = await TlsPair.StartAsync();
        var sent = new byte[2 << 20];
        new Random(1).NextBytes(sent);
        var echoing = pair.OnWorkerAsync(async server =>
        {
            var buffer = new byte[10_000];
            for (var left = sent.Length; left > 0;)
            {
                var count = await server.ReadAsync(buffer);
                await server.WriteAsync(buffer.AsMemory(0, count));
                left -= count;
            }
        });
        var sending = pair.Client.WriteAsync(sent).AsTask();
        var heard = new byte[sent.Length];
        await pair.Client.ReadExactlyAsync(heard).AsTask().WaitAsync(TestWorkers.Patience);
        await sending;
        await echoing;
        Assert.True(sent.AsSpan().SequenceEqual(heard));
    }

    private static Task<string> ReadAsync(TlsPair pair, int most = 64) => pair.OnWorkerAsync(async server =>
    {
        var buffer = new byte[most];
        return Encoding.ASCII.GetString(buffer, 0, await server.ReadAsync(buffer));
    });

    private static Task<string> WaitThenReadAsync(TlsPair pair) => pair.OnWorkerAsync(async server =>
    {
        Assert.True(await server.WaitReadableAsync());
        var buffer = new byte[16];
        Assert.True(server.TryRead(buffer, out var count));
        return Encoding.ASCII.GetString(buffer, 0, count);
    });

    private static async Task<string> HearAsync(TlsPair pair, int count)
    {
        var buffer = new byte[count];
        await pair.Client.ReadExactlyAsync(buffer).AsTask().WaitAsync(TestWorkers.Patience);
        return Encoding.ASCII.GetString(buffer);
    }

    private sealed class TellingWatcher : IConnectionWatcher
    {
        private readonly TaskCompletionSource<(Connection, bool)> _told = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Task<(Connection Connection, bool Ended)> Told => _told.Task;

        public void OnInput(Connection connection, bool ended) => _told.TrySetResult((connection, ended));
    }
}
