using System.Buffers.Binary;
using System.Net.Sockets;
using Securely.Net;
using Securely.Testing;

namespace Securely.Network.Tests.Net.Connections;

/// <summary>Peers that ask on and on and read no answer, until an answer does not fit their socket any more.</summary>
public sealed class FullSocketTests : IDisposable
{
    private const int AnswerLength = 2000;
    private const int MostQuestions = 20_000;

    private List<(Connection Connection, Socket Peer)> _pairs = [];
    private int _questions;
    private int _answers;
    private bool _isWriting;
    private bool _flushes;
    private Task? _serving;
    private Task? _draining;

    private SocketConnection Connection => (SocketConnection)_pairs[0].Connection;

    private Socket Peer => _pairs[0].Peer;

    public void Dispose() => _pairs.ForEach(p => p.Peer.Dispose());

    [Fact]
    public async Task A_flush_waits_until_the_peer_has_read_enough()
    {
        await using var workers = new TestWorkers();
        _flushes = true;
        await FillAsync(workers, () => _isWriting);
        await ReadAnswersAsync();
        while (await workers.RunAsync(() => _isWriting))
        {
            // The room that the peer has made is announced in a later turn.
        }
    }

    [Fact]
    public async Task More_answers_follow_in_order()
    {
        await using var workers = new TestWorkers();
        await FillAsync(workers);
        for (var i = 0; i < 3; i++)
            await AskAsync(workers);
        Assert.True(await workers.RunAsync(() => _isWriting));
        await ReadAnswersAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_end_of_the_stream_follows_the_answers(bool isFlushed)
    {
        await using var workers = new TestWorkers();
        await FillAsync(workers);
        var flushing = Task.CompletedTask;
        var isEnded = await workers.RunAsync(() =>
        {
            if (_isWriting)
                return false;
            Connection.ShutdownWrite();
            if (isFlushed)
                flushing = Connection.FlushAsync().AsTask();
            return true;
        });
        await ReadAnswersAsync();
        await flushing.WaitAsync(TestWorkers.Patience);
        if (!isEnded)
            await workers.RunAsync(Connection.ShutdownWrite);
        Assert.Equal(0, await Peer.ReceiveAsync(new byte[1]).WaitAsync(TestWorkers.Patience));
    }

    [Fact]
    public async Task A_peer_that_never_reads_breaks_the_connection_at_the_write_deadline()
    {
        var clock = new ManualTimeProvider();
        await using var workers = new TestWorkers(time: clock);
        await FillAsync(workers);
        await AdvanceAsync(59);
        Assert.False(Connection.IsClosed);
        await AdvanceAsync(61);
        Assert.True(Connection.IsClosed);
        await Assert.ThrowsAsync<NetException>(() => _serving!.WaitAsync(TestWorkers.Patience));

        Task AdvanceAsync(int seconds)
        {
            clock.Advance(TimeSpan.FromSeconds(seconds) - clock.GetElapsedTime(0));
            return workers.SettleAsync(TimeSpan.FromSeconds(seconds));
        }
    }

    private Task FillAsync(TestWorkers workers) => FillAsync(workers, () => _isWriting || Connection.IsHeldUp);

    /// <summary>Asks until an answer could not be sent whole.</summary>
    private async Task FillAsync(TestWorkers workers, Func<bool> isFull)
    {
        // The second connection makes a group of the first one's events.
        _pairs = await ConnectionGroupTests.ConnectAsync(workers, 2);
        Peer.NoDelay = true;
        await workers.RunAsync(() => _serving = AnswerAsync(Connection).AsTask());
        await workers.RunAsync(() => _draining = DrainAsync(_pairs[1].Connection).AsTask());
        while (!await workers.RunAsync(isFull))
        {
            Assert.True(_questions < MostQuestions);
            await AskAsync(workers);
        }
    }

    private Task AskAsync(TestWorkers workers)
    {
        _questions++;
        return ConnectionGroupTests.TogetherAsync(workers, () => _pairs.ForEach(p => p.Peer.Send("?"u8)));
    }

    private async ValueTask AnswerAsync(Connection connection)
    {
        var question = new byte[1];
        connection.SetWriteDeadline(TimeSpan.FromSeconds(60));
        while (await connection.WaitReadableAsync())
        {
            while (connection.TryRead(question, out _))
            {
                var answer = new byte[AnswerLength];
                BinaryPrimitives.WriteInt32BigEndian(answer, _answers++);
                _isWriting = true;
                await connection.WriteAsync(answer);
                if (_flushes)
                    await connection.FlushAsync();
                _isWriting = false;
            }
        }
    }

    private static async ValueTask DrainAsync(Connection connection)
    {
        while (await connection.WaitReadableAsync())
            connection.TryRead(new byte[1], out _);
    }

    private async Task ReadAnswersAsync()
    {
        var answer = new byte[AnswerLength];
        for (var number = 0; number < _questions; number++)
        {
            for (var count = 0; count < AnswerLength;)
            {
                var read = await Peer.ReceiveAsync(answer.AsMemory(count)).AsTask().WaitAsync(TestWorkers.Patience);
                Assert.NotEqual(0, read);
                count += read;
            }

            Assert.Equal(number, BinaryPrimitives.ReadInt32BigEndian(answer));
        }
    }
}
