namespace Securely.Net;

/// <summary>One end of a pair in memory (LIS-13). The two ends may live on different workers.</summary>
internal sealed class MemoryConnection : VirtualConnection
{
    private readonly MemoryPipe _input;
    private readonly MemoryPipe _output;
    private MemoryConnection _peer = null!;
    private ReadOnlyMemory<byte> _unwritten;

    private MemoryConnection(Lock gate, MemoryPipe input, MemoryPipe output)
        : base(gate)
    {
        _input = input;
        _output = output;
    }

    private protected override string Name => "memory";

    private protected override bool HasInput => _input.HasInput;

    private protected override bool HasEnded => _input.IsEnded;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        lock (Gate)
        {
            CheckWritable();
            _unwritten = bytes;
            return TryFinishWrite() && HasTurn ? default : SuspendWrite();
        }
    }

    public override void ShutdownWrite()
    {
        if (IsClosed)
            return;
        lock (Gate)
        {
            _output.End(isReset: false);
            QueueWrite();
            _peer.OnInput();
        }
    }

    internal static (Connection First, Connection Second) Create(int bufferSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bufferSize, 1);
        var gate = new Lock();
        var forth = new MemoryPipe(bufferSize);
        var back = new MemoryPipe(bufferSize);
        var first = new MemoryConnection(gate, back, forth);
        var second = new MemoryConnection(gate, forth, back) { _peer = first };
        first._peer = second;
        return (first, second);
    }

    private protected override int Take(Span<byte> buffer)
    {
        if (_input.IsReset)
            throw Broken(NetErrorKind.ReadError, "was reset by its peer");
        var count = _input.Read(buffer);
        if (count > 0)
            _peer.QueueWrite();
        return count > 0 ? count : _input.IsEnded ? 0 : -1;
    }

    private protected override bool TryFinishWrite()
    {
        if (_unwritten.IsEmpty)
            return true;
        if (_output.IsAbandoned)
            throw Broken(NetErrorKind.WriteError, "was closed by its peer");
        if (_output.IsEnded)
            throw Broken(NetErrorKind.WriteError, "is written to after its end");
        var count = _output.Write(_unwritten.Span);
        if (count == 0)
            return false;
        _unwritten = _unwritten[count..];
        Spend(count);
        _peer.OnInput();
        return _unwritten.IsEmpty;
    }

    private protected override void Leave(bool isReset)
    {
        _output.End(isReset);
        _input.Abandon();
        _peer.OnInput();
        _peer.QueueWrite();
    }
}
