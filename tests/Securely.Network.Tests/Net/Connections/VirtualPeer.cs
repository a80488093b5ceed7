using System.Net.Sockets;
using System.Text;
using Securely.Net;

namespace Securely.Network.Tests.Net.Connections;

/// <summary>The other side of a connection without a socket of its own. What a call has sent is there when it has ended.</summary>
internal abstract class VirtualPeer : IDisposable
{
    public abstract void Dispose();

    internal abstract Task SendAsync(ReadOnlyMemory<byte> bytes);

    internal Task SendAsync(string text) => SendAsync(Encoding.ASCII.GetBytes(text));

    internal abstract Task EndAsync();

    /// <summary>Breaks the stream, so that no reader takes it for whole.</summary>
    internal abstract Task ResetAsync();

    internal abstract Task<int> ReceiveAsync(Memory<byte> buffer);

    internal async Task<byte[]> ReceiveAllAsync()
    {
        using var all = new MemoryStream();
        var buffer = new byte[50_000];
        while (await ReceiveAsync(buffer) is var count and > 0)
            all.Write(buffer, 0, count);
        return all.ToArray();
    }

    /// <summary>Reads to the break of the stream; a clean end fails the test.</summary>
    internal async Task BrokenAsync()
    {
        var error = await Assert.ThrowsAnyAsync<Exception>(ReceiveAllAsync);
        Assert.True(error is NetException { Kind: NetErrorKind.ReadError } or SocketException { SocketErrorCode: SocketError.ConnectionReset }, error.ToString());
    }
}

/// <summary>The other end of a pair in memory, on a worker of its own.</summary>
internal sealed class MemoryPeerEnd(Connection end, TestWorkers workers, int worker) : VirtualPeer
{
    public override void Dispose() => end.Close();

    internal override Task SendAsync(ReadOnlyMemory<byte> bytes) => workers.RunAsync(() => end.WriteAsync(bytes), worker);

    internal override Task EndAsync() => workers.RunAsync(end.ShutdownWrite, worker);

    internal override Task ResetAsync() => workers.RunAsync(() => end.Abort(new NetException(NetErrorKind.Internal, "Reset")), worker);

    internal override Task<int> ReceiveAsync(Memory<byte> buffer) => workers.RunAsync(() => end.ReadAsync(buffer), worker);
}

/// <summary>The other end of a TCP connection.</summary>
internal sealed class SocketPeerEnd(Socket socket) : VirtualPeer
{
    public override void Dispose() => socket.Dispose();

    internal override Task SendAsync(ReadOnlyMemory<byte> bytes) => socket.SendAsync(bytes).AsTask().WaitAsync(TestWorkers.Patience);

    internal override Task EndAsync()
    {
        socket.Shutdown(SocketShutdown.Send);
        return Task.CompletedTask;
    }

    internal override Task ResetAsync()
    {
        ConnectionReadTests.Reset(socket);
        return Task.CompletedTask;
    }

    internal override Task<int> ReceiveAsync(Memory<byte> buffer) => socket.ReceiveAsync(buffer).AsTask().WaitAsync(TestWorkers.Patience);
}
