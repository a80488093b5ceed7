namespace Securely.Http;

/// <summary>How much may still be sent on a stream or a connection (RFC 9113 5.2, 6.9). Below zero after the peer has made its windows smaller.</summary>
internal struct FlowWindow(int size)
{
    /// <summary>The size of RFC 9113 6.9.2, before anybody says otherwise.</summary>
    internal const int Initial = 65_535;

    internal int Available { get; private set; } = size;

    internal void Take(int count) => Available -= count;

    /// <summary>False when the window would exceed 2^31-1.</summary>
    internal readonly bool CanAdd(int increment) => (long)Available + increment <= int.MaxValue;

    /// <summary>False when the window would exceed 2^31-1; then it stays as it is.</summary>
    internal bool TryAdd(int increment)
    {
        if (!CanAdd(increment))
            return false;
        Available += increment;
        return true;
    }
}

/// <summary>How much the peer may still send. What has been consumed is announced in large steps.</summary>
internal struct ReceiveWindow
{
    private readonly int _size;
    private int _available;
    private int _unannounced;

    internal ReceiveWindow(int size)
    {
        _size = size;
        _available = size;
    }

    /// <summary>False when the peer sends more than it may.</summary>
    internal bool TryReceive(int count)
    {
        if (count > _available)
            return false;
        _available -= count;
        return true;
    }

    /// <summary>What was received is kept no longer. Gives by how much to open the window now, or 0.</summary>
    internal int Consume(int count)
    {
        _unannounced += count;
        if (_unannounced < _size / 2)
            return 0;
        var increment = _unannounced;
        _available += increment;
        _unannounced = 0;
        return increment;
    }
}
