using System.Net.Sockets;

namespace Securely.Net;

/// <summary>
/// What was received before its reader's turn: where many connections have input at once, the poller receives for several of them before it runs the
/// first one, so that the kernel's code and then ours stay in the processor's caches (decision 0020).
/// </summary>
internal abstract partial class SocketConnection
{
    private byte[]? _ahead;
    private int _aheadStart;
    private int _aheadEnd;
    private bool _aheadIsAll;
    private bool _isPrepared;

    /// <summary>
    /// Receives for a waiting reader what an event has announced; <see cref="OnReadable"/> follows in the same turn. Ends and errors keep for the reader.
    /// </summary>
    private protected void ReceiveAhead()
    {
        if (_readMode != ReadMode.Wait || _readReady || _ahead is not null)
            return;
        var buffer = _worker.Buffers.Rent(SlabPool.Head);
        var count = Receive(buffer, out var error);
        if (count > 0)
        {
            _hasAnswered = false;
            _ahead = buffer;
            _aheadStart = 0;
            _aheadEnd = count;
            // A receive that does not fill its buffer has emptied the socket.
            _aheadIsAll = count < buffer.Length;
            _isPrepared = true;
            return;
        }

        _worker.Buffers.Return(buffer);
        if (count < 0 && error != SocketError.WouldBlock)
            Fail(error);
    }

    /// <summary>An event announces more than what was received ahead, unless it is the one that came with it.</summary>
    private void NoteAnnounced()
    {
        if (!_isPrepared)
            _aheadIsAll = false;
        _isPrepared = false;
    }

    /// <summary>Gives out what was received ahead.</summary>
    /// <returns>Whether there was something.</returns>
    private bool TakeAhead(Span<byte> target, out int count)
    {
        count = 0;
        if (_ahead is null || target.IsEmpty)
            return false;
        count = Math.Min(target.Length, _aheadEnd - _aheadStart);
        _ahead.AsSpan(_aheadStart, count).CopyTo(target);
        _aheadStart += count;
        _worker.BytesLeft -= count;
        if (_aheadStart == _aheadEnd)
        {
            if (_aheadIsAll && !_peerEnded)
                ClearReadable();
            DropAhead();
        }

        return true;
    }

    private void DropAhead()
    {
        if (_ahead is null)
            return;
        _worker.Buffers.Return(_ahead);
        _ahead = null;
    }
}
