namespace Securely.Net;

/// <content>How a connection inside of TLS ends: in order with close_notify, else without.</content>
internal sealed partial class TlsConnection
{
    private bool _endSent;
    private bool _isClosed;

    public override bool HasLostWrite => _inner.HasLostWrite;

    public override ValueTask FlushAsync() => _inner.FlushAsync();

    public override void ShutdownWrite()
    {
        if (!IsClosed)
            EndAsync().Forget();
    }

    public override void Abort(NetException reason)
    {
        if (LeavesWorker(static (connection, why) => connection.Abort(why!), reason))
            return;
        // Without close_notify, so that the peer sees that something is missing.
        _inner.Abort(reason);
        Release();
    }

    public override void Close()
    {
        if (_isClosed || LeavesWorker(static (connection, _) => connection.Close(), null))
            return;
        if (!_inner.IsClosed && !_writing)
            SendEndAsync().Forget();
        _inner.Close();
        Release();
    }

    private bool LeavesWorker(Action<TlsConnection, NetException?> call, NetException? reason)
    {
        if (Worker is not { } worker || ReferenceEquals(Net.Worker.Current, worker))
            return false;
        worker.Post(static state =>
        {
            var (connection, again, why) = ((TlsConnection, Action<TlsConnection, NetException?>, NetException?))state!;
            again(connection, why);
        }, (this, call, reason));
        return true;
    }

    private void Release()
    {
        if (_isClosed)
            return;
        _isClosed = true;
        _ssl.Dispose();
        OnClosed();
    }

    private async ValueTask EndAsync()
    {
        await SendEndAsync();
        _inner.ShutdownWrite();
    }

    private async ValueTask SendEndAsync()
    {
        if (_endSent)
            return;
        _endSent = true;
        try
        {
            await _ssl.ShutdownAsync();
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            // The peer has gone, or a write is under way; it then misses the notice and knows as much.
        }
    }
}
