using System.Net.Sockets;
using System.Text;
using Securely.Net;

namespace Securely.Network.Tests.Net.Connections;

/// <summary>Connections whose input is announced together: answers that are sent after the last of them has run.</summary>
public sealed class ConnectionGroupWriteTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3000)]
    public async Task What_is_written_afterwards_and_the_end_follow_the_answer(int length)
    {
        await using var workers = new TestWorkers();
        var pairs = await ConnectionGroupTests.ConnectAsync(workers, 2);
        var more = Encoding.ASCII.GetBytes(new string('m', length));
        var served = await workers.RunAsync(() => pairs.Select(p => AnswerAsync(p.Connection, more).AsTask()).ToArray());
        await ConnectionGroupTests.TogetherAsync(workers, () => pairs.ForEach(p => p.Peer.Send("?"u8)));
        foreach (var (_, peer) in pairs)
        {
            Assert.Equal("first" + new string('m', length) + "last", Encoding.ASCII.GetString(await ConnectionWriteTests.ReceiveAllAsync(peer)));
            peer.Dispose();
        }

        await Task.WhenAll(served).WaitAsync(TestWorkers.Patience);

        static async ValueTask AnswerAsync(Connection connection, byte[] more)
        {
            await connection.WaitReadableAsync();
            Assert.True(connection.TryRead(new byte[1], out _));
            await connection.WriteAsync("fir"u8.ToArray(), "st"u8.ToArray());
            await connection.WriteAsync(more);
            await connection.WriteAsync("last"u8.ToArray());
            connection.ShutdownWrite();
        }
    }

    [Fact]
    public async Task An_answer_is_sent_though_reading_has_spent_the_budget_of_the_turn()
    {
        await using var workers = new TestWorkers();
        var pairs = await ConnectionGroupTests.ConnectAsync(workers, 2);
        var served = await workers.RunAsync(() => pairs.Select(p => AnswerAsync(p.Connection).AsTask()).ToArray());
        await ConnectionGroupTests.TogetherAsync(workers, () => pairs.ForEach(p => p.Peer.Send("?"u8)));
        foreach (var (_, peer) in pairs)
        {
            var buffer = new byte[16];
            Assert.Equal(3, await peer.ReceiveAsync(buffer).WaitAsync(TestWorkers.Patience));
            peer.Shutdown(SocketShutdown.Send);
        }

        await Task.WhenAll(served).WaitAsync(TestWorkers.Patience);
        pairs.ForEach(p => p.Peer.Dispose());

        static async ValueTask AnswerAsync(Connection connection)
        {
            await connection.WaitReadableAsync();
            Assert.True(connection.TryRead(new byte[1], out _));
            connection.Worker!.BytesLeft = 0;
            await connection.WriteAsync("bye"u8.ToArray());
            Assert.Equal(0, await connection.ReadAsync(new byte[1]));
            connection.Close();
        }
    }

    [Fact]
    public async Task An_empty_write_changes_nothing_of_an_answer()
    {
        await using var workers = new TestWorkers();
        var pairs = await ConnectionGroupTests.ConnectAsync(workers, 2);
        var served = await workers.RunAsync(() => pairs.Select(p => AnswerAsync(p.Connection).AsTask()).ToArray());
        await ConnectionGroupTests.TogetherAsync(workers, () => pairs.ForEach(p => p.Peer.Send("?"u8)));
        await Task.WhenAll(served).WaitAsync(TestWorkers.Patience);
        foreach (var (_, peer) in pairs)
        {
            Assert.Equal("bye", Encoding.ASCII.GetString(await ConnectionWriteTests.ReceiveAllAsync(peer)));
            peer.Dispose();
        }

        static async ValueTask AnswerAsync(Connection connection)
        {
            await connection.WaitReadableAsync();
            Assert.True(connection.TryRead(new byte[1], out _));
            await connection.WriteAsync(default);
            await connection.WriteAsync("bye"u8.ToArray());
            await connection.WriteAsync(default);
            connection.ShutdownWrite();
        }
    }

    [Fact]
    public async Task An_answer_does_not_wait_for_the_handshake_of_another()
    {
        // A record with a ClientHello: version, random, no session, one cipher suite, no compression, and the name a.test (RFC 5246 7.4.1.2, RFC 6066 3).
        byte[] hello =
        [
            0x16, 0x03, 0x01, 0x00, 0x3E, 0x01, 0x00, 0x00, 0x3A, 0x03, 0x03, .. new byte[32], 0x00, 0x00, 0x02, 0xC0, 0x2B, 0x01, 0x00,
            0x00, 0x0F, 0x00, 0x00, 0x00, 0x0B, 0x00, 0x09, 0x00, 0x00, 0x06, .. "a.test"u8,
        ];
        await using var workers = new TestWorkers();
        var pairs = await ConnectionGroupTests.ConnectAsync(workers, 2);
        var source = new WatchingSource(pairs[0].Peer);
        var served = await workers.RunAsync(() => ConnectionGroupTests.EchoAsync(pairs[0].Connection).AsTask());
        var handshake = await workers.RunAsync(() => TlsHandshake.AcceptAsync(pairs[1].Connection, new ServerTls(source), CancellationToken.None).AsTask());
        await ConnectionGroupTests.TogetherAsync(workers, () =>
        {
            pairs[0].Peer.Send("answer"u8);
            pairs[1].Peer.Send(hello);
        });
        Assert.NotNull((await handshake.WaitAsync(TestWorkers.Patience)).Failure);
        Assert.Equal(("a.test", "answer".Length), source.Seen);
        pairs[0].Peer.Shutdown(SocketShutdown.Send);
        await served.WaitAsync(TestWorkers.Patience);
        pairs.ForEach(p => p.Peer.Dispose());
    }

    [Fact]
    public async Task An_answer_before_a_close_arrives()
    {
        await using var workers = new TestWorkers();
        var pairs = await ConnectionGroupTests.ConnectAsync(workers, 2);
        var served = await workers.RunAsync(() => pairs.Select(p => AnswerAsync(p.Connection).AsTask()).ToArray());
        await ConnectionGroupTests.TogetherAsync(workers, () => pairs.ForEach(p => p.Peer.Send("?"u8)));
        await Task.WhenAll(served).WaitAsync(TestWorkers.Patience);
        foreach (var (_, peer) in pairs)
        {
            Assert.Equal("bye", Encoding.ASCII.GetString(await ConnectionWriteTests.ReceiveAllAsync(peer)));
            peer.Dispose();
        }

        static async ValueTask AnswerAsync(Connection connection)
        {
            await connection.WaitReadableAsync();
            Assert.True(connection.TryRead(new byte[1], out _));
            await connection.WriteAsync("bye"u8.ToArray());
            connection.Close();
        }
    }

    [Fact]
    public async Task A_peer_that_resets_before_its_answer_is_sent_fails_the_next_read()
    {
        await using var workers = new TestWorkers();
        var pairs = await ConnectionGroupTests.ConnectAsync(workers, 2);
        var served = await workers.RunAsync(() => pairs.Select(p => ResetAsync(p.Connection, p.Peer).AsTask()).ToArray());
        await ConnectionGroupTests.TogetherAsync(workers, () => pairs.ForEach(p => p.Peer.Send("?"u8)));
        foreach (var serving in served)
        {
            var error = await Assert.ThrowsAsync<NetException>(() => serving.WaitAsync(TestWorkers.Patience));
            Assert.Equal(NetErrorKind.ReadError, error.Kind);
        }

        // The portable poller sends at once, so that nothing is lost there.
        Assert.All(pairs, p => Assert.Equal(workers.IsEpoll, p.Connection.HasLostWrite));

        static async ValueTask ResetAsync(Connection connection, Socket peer)
        {
            await connection.WaitReadableAsync();
            Assert.True(connection.TryRead(new byte[1], out _));
            await connection.WriteAsync("!"u8.ToArray());
            ConnectionReadTests.Reset(peer);
            await connection.ReadAsync(new byte[1]);
        }
    }

    /// <summary>Has no certificates, and notes what a peer had received when it was asked.</summary>
    private sealed class WatchingSource(Socket peer) : CertificateSource
    {
        public (string Name, int Available) Seen { get; private set; }

        public override ValueTask<ServerCertificate?> FindAsync(string serverName, CancellationToken cancellationToken)
        {
            Seen = (serverName, peer.Available);
            return new((ServerCertificate?)null);
        }
    }
}
