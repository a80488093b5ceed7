using System.Net;
using System.Net.Sockets;
using Securely.Net;

namespace Securely.Network.Tests.Net.Connections;

/// <summary>Over the stream of another connection.</summary>
public sealed class StreamOverConnectionTests : VirtualConnectionContract
{
    private protected override async Task<(Connection Connection, VirtualPeer Peer)> ConnectAsync(TestWorkers workers)
    {
        var (near, far) = Connection.CreatePair();
        var connection = await workers.RunAsync(() => Connection.FromStream(near.AsStream()));
        return (connection, new MemoryPeerEnd(far, workers, worker: 1));
    }
}

/// <summary>Over a socket's stream, and over streams that are less well-behaved.</summary>
public sealed class StreamConnectionTests : VirtualConnectionContract
{
    [Fact]
    public async Task What_goes_wrong_in_the_stream_is_an_error_of_the_transport()
    {
        await using var workers = Workers();
        await workers.RunAsync(async () =>
        {
            foreach (var error in new Exception[] { new IOException("torn"), new ObjectDisposedException("torn"), new InvalidOperationException("torn"), new OperationCanceledException("torn"), new SocketException(104) })
            {
                var connection = Connection.FromStream(new OddStream { Error = error }, new IPEndPoint(IPAddress.Loopback, 7));
                var read = await Assert.ThrowsAsync<NetException>(async () => await connection.ReadAsync(new byte[1]));
                Assert.Equal(NetErrorKind.ReadError, read.Kind);
                Assert.Same(error, read.InnerException);
                Assert.Same(connection, read.Connection);
                Assert.Contains("[127.0.0.1:7]", read.Message, StringComparison.Ordinal);
                Assert.Same(read, await Assert.ThrowsAsync<NetException>(async () => await connection.ReadAsync(new byte[1])));
                var write = await Assert.ThrowsAsync<NetException>(async () => await connection.WriteAsync("x"u8.ToArray()));
                Assert.Equal(NetErrorKind.WriteError, write.Kind);
                Assert.Same(error, write.InnerException);
            }
        });
    }

    [Fact]
    public async Task An_error_of_the_transport_below_keeps_its_kind_and_its_source()
    {
        await using var workers = Workers();
        await workers.RunAsync(async () =>
        {
            var connection = Connection.FromStream(new OddStream { Error = new NetException(NetErrorKind.ConnectionClosed, "Gone", ErrorSource.Upstream) });
            var error = await Assert.ThrowsAsync<NetException>(async () => await connection.ReadAsync(new byte[1]));
            Assert.Equal((NetErrorKind.ConnectionClosed, ErrorSource.Upstream, "Gone"), (error.Kind, error.Origin, error.Message));
            Assert.Same(connection, error.Connection);
        });
    }

    [Fact]
    public async Task A_stream_that_cannot_be_cancelled_does_not_hold_up_deadlines_and_ends()
    {
        await using var workers = Workers();
        var stream = new OddStream();
        var (connection, reading, writing) = await workers.RunAsync(() =>
        {
            var made = Connection.FromStream(stream);
            made.SetReadDeadline(TimeSpan.FromSeconds(1));
            return (made, made.ReadAsync(new byte[1]).AsTask(), made.WriteAsync("x"u8.ToArray()).AsTask());
        });
        await AdvanceAsync(workers, 1);
        Assert.Equal(NetErrorKind.ReadTimedOut, (await Assert.ThrowsAsync<NetException>(() => reading.WaitAsync(TestWorkers.Patience))).Kind);
        await workers.RunAsync(() => connection.Abort(new NetException(NetErrorKind.Internal, "Enough")));
        Assert.Equal("Enough", (await Assert.ThrowsAsync<NetException>(() => writing.WaitAsync(TestWorkers.Patience))).Message);
        Assert.True(stream.IsDisposed);
    }

    [Fact]
    public async Task Disposing_waits_for_the_stream_to_be_disposed_and_swallows_its_last_error()
    {
        await using var workers = Workers();
        var stream = new OddStream { Error = new IOException("torn"), DisposalGate = new TaskCompletionSource() };
        var disposing = await workers.RunAsync(() => Connection.FromStream(stream).DisposeAsync().AsTask());
        Assert.False(disposing.IsCompleted);
        stream.DisposalGate.SetException(new IOException("torn"));
        await disposing.WaitAsync(TestWorkers.Patience);
    }

    [Fact]
    public async Task Waiting_holds_no_buffer_and_reading_gives_it_back()
    {
        await using var workers = Workers();
        var (connection, peer) = await ConnectAsync(workers);
        var buffer = await workers.RunAsync(() =>
        {
            // The free list is last in, first out: whoever holds none takes nothing from it.
            var marked = workers[0].Buffers.Rent();
            workers[0].Buffers.Return(marked);
            return marked;
        });
        var waiting = await workers.RunAsync(() => connection.WaitReadableAsync().AsTask());
        Assert.True(await IsFreeAsync());
        await peer.SendAsync("x");
        await waiting.WaitAsync(TestWorkers.Patience);
        await workers.RunAsync(() => connection.ReadAsync(new byte[1]));
        var reading = await workers.RunAsync(() => connection.ReadAsync(new byte[1]).AsTask());
        Assert.False(await IsFreeAsync());
        await peer.SendAsync("yz");
        await reading.WaitAsync(TestWorkers.Patience);
        Assert.False(await IsFreeAsync());
        Assert.Equal("z", await workers.RunAsync(() => ConnectionReadTests.ReadTextAsync(connection, 1)));
        Assert.True(await IsFreeAsync());
        reading = await workers.RunAsync(() => connection.ReadAsync(new byte[1]).AsTask());
        await workers.RunAsync(connection.Close);
        await Assert.ThrowsAsync<NetException>(() => reading.WaitAsync(TestWorkers.Patience));
        peer.Dispose();

        Task<bool> IsFreeAsync() => workers.RunAsync(() =>
        {
            var next = workers[0].Buffers.Rent();
            workers[0].Buffers.Return(next);
            return ReferenceEquals(next, buffer);
        });
    }

    [Fact]
    public async Task The_digest_shows_what_was_said_of_the_peer()
    {
        var remote = new IPEndPoint(IPAddress.Loopback, 7);
        await using var connection = Connection.FromStream(new OddStream(), remote);
        Assert.Same(remote, connection.Digest.RemoteEndPoint);
        Assert.Equal(IPAddress.Loopback, connection.RemoteAddress);
    }

    private protected override async Task<(Connection Connection, VirtualPeer Peer)> ConnectAsync(TestWorkers workers)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(listener.LocalEndPoint!);
        var connection = Connection.FromStream(new NetworkStream(client, ownsSocket: true), client.RemoteEndPoint);
        return (connection, new SocketPeerEnd(await listener.AcceptAsync()));
    }

    /// <summary>Fails with its error, or never answers and listens to no cancellation.</summary>
    private sealed class OddStream : Stream
    {
        public Exception? Error { get; init; }

        public TaskCompletionSource? DisposalGate { get; init; }

        public bool IsDisposed { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Error is null ? new(new TaskCompletionSource<int>().Task) : throw Error;

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            Error is null ? new(new TaskCompletionSource().Task) : ValueTask.FromException(Error);

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override async ValueTask DisposeAsync()
        {
            IsDisposed = true;
            if (DisposalGate is { } gate)
                await gate.Task;
            await base.DisposeAsync();
        }
    }
}
