using Securely.Net;

namespace Securely.Http;

/// <content>How the output reaches the transport: one write at a time, each with all that has come together.</content>
internal abstract partial class Http2Connection
{
    private void FlushQueued()
    {
        _isQueued = false;
        Flush();
    }

    /// <summary>Hands what waits to the kernel, unless it has not taken the last of it.</summary>
    private void Flush()
    {
        if (_isFlushing)
            return;
        // Whoever is woken meanwhile adds to the output, and nothing else.
        _isFlushing = true;
        while (!_isWriting && !_isShut)
        {
            FillOutput();
            if (_outputLength == 0)
            {
                if (_shutsAfterWrite)
                    Shut();
                break;
            }

            if (!TrySend())
                break;
        }

        _isFlushing = false;
    }

    /// <summary>Sends the output. False: it takes a while.</summary>
    private bool TrySend()
    {
        _sending = _output;
        var bytes = _sending.AsMemory(0, _outputLength);
        _output = null;
        _outputLength = 0;
        _isWriting = true;
        try
        {
            if (_options.MinSendRate == 0)
                Transport.SetWriteDeadline(_options.WriteTimeout);
            else
                Transport.SetWriteDeadline(_options.WriteTimeout, _options.MinSendRate);
            Watch(Transport.WriteAsync(bytes));
        }
        catch (NetException e)
        {
            EndSend();
            FailSend(e);
            return false;
        }

        if (_writeAwaiter.IsCompleted)
            return FinishSend();
        _writeAwaiter.UnsafeOnCompleted(_written);
        return false;
    }

    private void Watch(ValueTask write) => _writeAwaiter = write.GetAwaiter();

    private void OnWritten()
    {
        if (FinishSend())
            Flush();
        if (!_endsAfterWrite || _isWriting)
            return;
        _endsAfterWrite = false;
        _resumption.SetResult(0);
    }

    private bool FinishSend()
    {
        try
        {
            EndSend();
            _writeAwaiter.GetResult();
            return true;
        }
        catch (NetException e)
        {
            FailSend(e);
            return false;
        }
    }

    private void EndSend()
    {
        _isWriting = false;
        if (_sending is null)
            return;
        Pool.Return(_sending);
        _sending = null;
    }

    private void FailSend(NetException reason)
    {
        _isShut = true;
        OnLost(reason);
        // The reader learns of it, too.
        Transport.Abort(reason);
    }

    private void Shut()
    {
        _isShut = true;
        _shutsAfterWrite = false;
        if (!Transport.IsClosed)
            Transport.ShutdownWrite();
    }
}
