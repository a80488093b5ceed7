using System.Net.Sockets;

namespace Securely.Net;

/// <summary>
/// Small answers that wait for the end of their group of events and are then sent one after the other, each with its own call: the kernel's code stays
/// in the processor's caches (decision 0020).
/// </summary>
internal abstract partial class SocketConnection
{
    // Copying costs little up to here; what is longer goes out at once.
    private const int MostHeld = 2048;

    private byte[]? _held;
    private int _heldStart;
    private int _heldEnd;
    private bool _hasAnswered;
    private bool _endsAfterHeld;
    private bool _hasLostWrite;

    public sealed override bool HasLostWrite => _hasLostWrite;

    /// <summary>Whether held bytes met a full socket buffer: the rest goes out as room appears.</summary>
    internal bool IsHeldUp => _held is not null;

    public sealed override ValueTask FlushAsync()
    {
        if (_isClosed || SendHeld())
            return default;
        CheckWritable();
        return SuspendWrite(default, default);
    }

    /// <summary>Sends what is held, at the end of the group of events.</summary>
    internal void EndHold()
    {
        if (_isClosed || _writePending || SendHeld())
            return;
        BeginWriteDeadline();
    }

    /// <summary>
    /// Keeps a small write for the end of the group. Only the first one since the peer has sent something: who exchanges messages has room for an
    /// answer, while a stream has to feel the kernel's back pressure.
    /// </summary>
    private bool TryHold(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        var length = first.Length + second.Length;
        var mayHold = _worker.Held.IsOpen && !_hasAnswered && _held is null && length is > 0 and <= MostHeld;
        _hasAnswered |= length > 0;
        if (!mayHold)
            return false;
        _held = _worker.Buffers.Rent(SlabPool.Head);
        first.CopyTo(_held);
        second.CopyTo(_held.AsSpan(first.Length));
        _heldStart = 0;
        _heldEnd = length;
        _worker.BytesLeft -= _heldEnd;
        _worker.Held.Add(this);
        return true;
    }

    /// <summary>Sends what is held.</summary>
    /// <returns>False when the kernel has no room for all of it: an edge follows.</returns>
    private bool SendHeld()
    {
        if (_held is null)
            return true;
        var sent = Send(_held.AsSpan(_heldStart, _heldEnd - _heldStart), default, out var error);
        if (sent < 0 && error != SocketError.WouldBlock)
            LoseHeld(error);
        else if ((_heldStart += Math.Max(sent, 0)) < _heldEnd)
            return false;
        DropHeld();
        if (_endsAfterHeld)
            ShutdownWrite();
        return true;
    }

    /// <summary>The writer has been told that all is well: whoever reads learns of the error, after what the peer has sent before it.</summary>
    private void LoseHeld(SocketError error)
    {
        _hasLostWrite = _heldStart == 0;
        if (_peerEnded)
            return;
        Fail(error);
        _readReady = true;
        if (_readMode != ReadMode.None)
            Queue();
    }

    private void DropHeld()
    {
        if (_held is null)
            return;
        _worker.Buffers.Return(_held);
        _held = null;
    }

    /// <summary>Whether the end of the stream may be sent now; else it follows what is held.</summary>
    private protected bool MayEnd()
    {
        _endsAfterHeld = !SendHeld();
        return !_endsAfterHeld;
    }
}
