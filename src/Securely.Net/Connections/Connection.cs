using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Securely.Net;

/// <summary>
/// One accepted or dialled byte stream, with its transport facts. It belongs to one worker: call it from there only; but any thread may close or
/// abort it. At most one read (or wait) and one write may be pending at a time; a read and a write may overlap.
/// </summary>
/// <remarks>
/// Life: 1. made by a listener, a connector or <see cref="CreatePair"/>; 2. reads and writes; 3. perhaps <see cref="ShutdownWrite"/>, after which
/// reads go on; 4. disposed, or <see cref="Abort"/>ed, after which every operation fails.
/// </remarks>
public abstract class Connection : IAsyncDisposable
{
    private CancellationTokenSource? _closed;
    private ConnectionDigest? _digest;

    /// <summary>The worker that owns the connection; null for one that lives outside of workers.</summary>
    public virtual Worker? Worker => null;

    /// <summary>The peer's IP address; null for a Unix socket's client and for a virtual connection. Costs nothing.</summary>
    public virtual IPAddress? RemoteAddress => (Digest.RemoteEndPoint as IPEndPoint)?.Address;

    /// <summary>Addresses, timings and the kernel's figures. Made on first use.</summary>
    public virtual ConnectionDigest Digest => _digest ??= CreateDigest();

    /// <summary>Cancelled when the connection is closed here or aborted. Asking for it costs an allocation; the hot path uses <see cref="Watcher"/>.</summary>
    public virtual CancellationToken Closed
    {
        get
        {
            _closed ??= new CancellationTokenSource();
            if (IsClosed && !_closed.IsCancellationRequested)
                _closed.Cancel();
            return _closed.Token;
        }
    }

    /// <summary>Whether it is inside of TLS. Costs nothing; the digest has the rest.</summary>
    public virtual bool IsEncrypted => false;

    /// <summary>Whether it was disposed or aborted.</summary>
    public abstract bool IsClosed { get; }

    /// <summary>
    /// Told, on the worker, of input or of the peer's end that is there or arrives while no read is pending: how a pool notices a dead connection
    /// and a proxy a client that has gone. It may be told of the same bytes more than once. Null: nobody is told.
    /// </summary>
    public virtual IConnectionWatcher? Watcher { get; set; }

    /// <summary>
    /// Whether nothing is lost when the connection ends now, because no request of its peer has arrived whole: set by a protocol while it reads, so
    /// that a <see cref="ConnectionLimit"/> may close it to make room. One that is in <see cref="WaitReadableAsync"/> need not say so. Default: false.
    /// </summary>
    public virtual bool IsExpendable { get; set; }

    /// <summary>Something that is kept with the connection while it is pooled, such as its protocol session.</summary>
    public object? Attachment { get; set; }

    /// <summary>What the endpoint was added with, for connections that a service accepted: its settings.</summary>
    public virtual object? EndpointSettings { get; internal set; }

    /// <summary>The connection that uses this one as its transport: the one inside of TLS.</summary>
    internal Connection? Wrapper { get; set; }

    /// <summary>Whether the pending wait belongs to a read of whoever uses this one as its transport, and not to a connection that is idle.</summary>
    internal bool WaitsInRead { get; set; }

    /// <summary>Whether a read would be tried at once, because nothing says yet that there is nothing.</summary>
    internal virtual bool MayHaveInput => false;

    /// <summary>Whether nothing of it is under way on its worker, so that it can be given to another.</summary>
    internal virtual bool CanDetach => false;

    /// <summary>Reads what has arrived; suspends only when there is nothing.</summary>
    /// <param name="buffer">Where to; not empty.</param>
    /// <returns>How many bytes, 0 at the peer's end.</returns>
    /// <exception cref="NetException">The read failed or its deadline passed.</exception>
    public abstract ValueTask<int> ReadAsync(Memory<byte> buffer);

    /// <summary>Reads without suspending.</summary>
    /// <param name="buffer">Where to; not empty.</param>
    /// <param name="count">How many bytes, 0 at the peer's end.</param>
    /// <returns>False when nothing is there now, or when the connection has used up its turn.</returns>
    /// <exception cref="NetException">The read failed.</exception>
    public virtual bool TryRead(Memory<byte> buffer, out int count)
    {
        count = 0;
        return false;
    }

    /// <summary>Waits until a read has something, holding no buffer.</summary>
    /// <returns>False when <see cref="StopWaiting"/> ended the wait.</returns>
    /// <exception cref="NetException">The read deadline passed or the connection was aborted.</exception>
    public abstract ValueTask<bool> WaitReadableAsync();

    /// <summary>Ends a present or future <see cref="WaitReadableAsync"/> of a connection on which nothing has arrived; used to close idle connections at shutdown.</summary>
    public virtual void StopWaiting()
    {
    }

    /// <summary>Whether nothing waits to be read and the peer has not ended: what a connection must be to carry another message.</summary>
    /// <param name="probe">Ask the kernel, even when no event has announced anything.</param>
    /// <returns>False for stray bytes, an end or an error.</returns>
    public virtual bool IsQuiet(bool probe) => !IsClosed;

    /// <summary>Writes all of the bytes, in order.</summary>
    /// <param name="bytes">What to write; must not change until the write is over.</param>
    /// <returns>
    /// A task that ends when the kernel has taken all. A small answer may be taken by the worker before, which sends it within the same turn, or with
    /// <see cref="FlushAsync"/>; if that fails, reads fail after what the peer had sent, and <see cref="HasLostWrite"/> tells.
    /// </returns>
    /// <exception cref="NetException">The write failed or its deadline passed.</exception>
    public abstract ValueTask WriteAsync(ReadOnlyMemory<byte> bytes);

    /// <summary>Writes two runs of bytes in one call, as a head and the beginning of its body.</summary>
    /// <param name="first">Written first.</param>
    /// <param name="second">Written after it.</param>
    /// <returns>A task that ends when the kernel has taken all.</returns>
    /// <exception cref="NetException">The write failed or its deadline passed.</exception>
    public virtual ValueTask WriteAsync(ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> second)
    {
        if (first.IsEmpty)
            return WriteAsync(second);
        return second.IsEmpty ? WriteAsync(first) : WriteBothAsync(first, second);
    }

    /// <summary>Waits until the kernel has taken what was written: before a connection is closed whose peer may be slow to read.</summary>
    /// <returns>A task that ends when it has; at once where writes are never held back.</returns>
    /// <exception cref="NetException">The write deadline passed.</exception>
    public virtual ValueTask FlushAsync() => default;

    /// <summary>Whether the last write seemed to succeed, but nothing of it could be sent.</summary>
    public virtual bool HasLostWrite => false;

    /// <summary>Whether the connection had better go to another worker of its service, between two messages (<c>work_stealing</c>).</summary>
    /// <param name="target">The worker that has time for it.</param>
    /// <returns>True when its own worker was busy for most of the last tenth of a second, and the target idle.</returns>
    public virtual bool ShouldMove([NotNullWhen(true)] out Worker? target)
    {
        target = null;
        return false;
    }

    /// <summary>Gives the connection to another worker of its service; nothing may be pending on it.</summary>
    /// <param name="target">The worker.</param>
    /// <returns>
    /// A task that continues on the target. Methods further up follow, but for those that wait through a <see cref="Task"/>: they continue on the
    /// worker on which they began to wait.
    /// </returns>
    /// <exception cref="ArgumentException">The target belongs to another service.</exception>
    /// <exception cref="InvalidOperationException">An operation is pending.</exception>
    public virtual ValueTask MoveToAsync(Worker target) => throw new NotSupportedException("This connection stays with its worker.");

    /// <summary>
    /// Takes the connection from its worker, which is the current one, while <see cref="CanDetach"/>. From here on it belongs to the target: what
    /// still arrives for it is posted there, before or after the target attaches it.
    /// </summary>
    internal virtual void Detach(Worker target) => throw new NotSupportedException("This connection stays with its worker.");

    /// <summary>Enters a detached connection at its new worker, the current one. It may have been closed on the way, or be closed when it cannot enter.</summary>
    internal virtual void Attach() => throw new NotSupportedException("This connection stays with its worker.");

    /// <summary>Sends the end of the stream; reads go on.</summary>
    public abstract void ShutdownWrite();

    /// <summary>From now on, a read or wait that is not satisfied within the time fails with <see cref="NetErrorKind.ReadTimedOut"/>.</summary>
    /// <param name="fromNow">One deadline for all reads until it is set again; <see cref="Timeout.InfiniteTimeSpan"/> for none.</param>
    public virtual void SetReadDeadline(TimeSpan fromNow)
    {
    }

    /// <summary>From now on, a write that is not finished within the time fails with <see cref="NetErrorKind.WriteTimedOut"/>.</summary>
    /// <param name="fromNow">One deadline for all writes until it is set again; <see cref="Timeout.InfiniteTimeSpan"/> for none.</param>
    public virtual void SetWriteDeadline(TimeSpan fromNow)
    {
    }

    /// <summary>
    /// From now on, a write may take as long as its peer takes so many bytes a second on average; it fails with
    /// <see cref="NetErrorKind.WriteTimedOut"/> when the peer has fallen behind that (H1S-19).
    /// </summary>
    /// <param name="behind">By how much time the peer may fall behind, where <see cref="Pace.Allowance"/> does not give it more.</param>
    /// <param name="bytesPerSecond">The rate; 0 makes a plain deadline of the time.</param>
    /// <remarks>A connection that is no socket takes the time for a plain deadline.</remarks>
    public virtual void SetWriteDeadline(TimeSpan behind, long bytesPerSecond) => SetWriteDeadline(behind);

    /// <summary>
    /// Resets the connection: the peer sees an error, never a clean end. Pending operations fail with the reason, and so do later ones. May be
    /// called again, and from any thread: its worker carries it out.
    /// </summary>
    /// <param name="reason">What the operations see.</param>
    public abstract void Abort(NetException reason);

    /// <summary>
    /// Closes the connection now; what the kernel has taken is still sent. Pending operations fail. May be called again, and from any thread: its
    /// worker carries it out.
    /// </summary>
    public abstract void Close();

    /// <summary>Closes the connection.</summary>
    /// <returns>A completed task, unless something has to be flushed first.</returns>
    public virtual ValueTask DisposeAsync()
    {
        Close();
        GC.SuppressFinalize(this);
        return default;
    }

    /// <summary>
    /// A stream over the connection, for TLS and for user code. Disposing it disposes the connection; cancelling a pending operation aborts it.
    /// </summary>
    /// <returns>A new stream.</returns>
    public Stream AsStream() => new ConnectionStream(this);

    /// <summary>Two connected ends in memory (LIS-13). Each end belongs to the worker that uses it first, which may be another one than the other's.</summary>
    /// <param name="bufferSize">How many bytes wait in one direction before a write suspends. Default: 64 KiB.</param>
    /// <returns>The two ends.</returns>
    public static (Connection First, Connection Second) CreatePair(int bufferSize = 64 * 1024) => MemoryConnection.Create(bufferSize);

    /// <summary>
    /// A connection over any duplex stream (LIS-13). <see cref="ShutdownWrite"/> and the reset of <see cref="Abort"/> reach the peer where the stream
    /// has them: a <see cref="System.Net.Sockets.NetworkStream"/>, the end of a <see cref="System.Net.Security.SslStream"/>, and
    /// <see cref="AsStream"/>. Any other stream's peer learns of both when the stream is disposed.
    /// </summary>
    /// <param name="stream">Read and written at the same time; disposed with the connection. One byte may be read ahead.</param>
    /// <param name="remote">What the digest shows as the peer.</param>
    /// <returns>The connection; it belongs to the worker that uses it first.</returns>
    public static Connection FromStream(Stream stream, EndPoint? remote = null) => new StreamConnection(stream, remote);

    /// <summary>Makes the digest on first use.</summary>
    /// <returns>A digest without addresses unless overridden.</returns>
    protected virtual ConnectionDigest CreateDigest() => new();

    /// <summary>An implementation calls it once when it has closed.</summary>
    protected void OnClosed()
    {
        _closed?.Cancel();
        Wrapper?.OnClosed();
    }

    private async ValueTask WriteBothAsync(ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> second)
    {
        await WriteAsync(first);
        await WriteAsync(second);
    }
}

/// <summary>Told of what happens on a connection that nobody reads.</summary>
public interface IConnectionWatcher
{
    /// <summary>Input, or the peer's end, has arrived while no read was pending. Runs on the connection's worker.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="ended">Whether the peer has ended the stream or broken it; false for stray bytes.</param>
    void OnInput(Connection connection, bool ended);
}
