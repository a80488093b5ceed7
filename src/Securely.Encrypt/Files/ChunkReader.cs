namespace Securely.Encrypt;

/// <summary>Cuts a stream into chunks of one length, and knows of each whether it is the last one: it reads one chunk ahead.</summary>
internal sealed class ChunkReader(Stream source, int length)
{
    private byte[] _current = new byte[length];
    private byte[] _next = new byte[length];
    private int _nextLength = -1;

    /// <summary>Whether the chunk that was read last is the last one.</summary>
    public bool IsLast { get; private set; }

    /// <summary>The next chunk, valid until the next call; empty only where the stream is empty.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        if (_nextLength < 0)
            _nextLength = await source.ReadAtLeastAsync(_next, length, throwOnEndOfStream: false, cancellationToken);
        (_current, _next) = (_next, _current);
        var currentLength = _nextLength;
        _nextLength = currentLength < length ? 0 : await source.ReadAtLeastAsync(_next, length, throwOnEndOfStream: false, cancellationToken);
        IsLast = _nextLength == 0;
        return _current.AsMemory(0, currentLength);
    }
}
