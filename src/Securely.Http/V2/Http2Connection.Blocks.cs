using System.Buffers.Binary;

namespace Securely.Http;

/// <content>Header blocks: one in HEADERS alone is decoded where it lies; one in pieces is collected, within bounds (row A19).</content>
internal abstract partial class Http2Connection
{
    // A block of the largest size that is taken needs five full frames; some senders use smaller ones.
    private const int MostPieces = 32;

    private byte[]? _block;
    private int _blockLength;
    private int _blockStream;
    private int _blockPieces;
    private bool _blockIsEnd;

    /// <summary>Whether the HEADERS of the present block say that the stream depends on itself, which RFC 7540 5.3.1 forbade.</summary>
    private protected bool BlockDependsOnSelf { get; private set; }

    private void OnHeadersFrame(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        RequireStream(in header);
        var fragment = WithoutPadding(in header, payload);
        if (header.Has(FrameFlags.Priority))
        {
            if (fragment.Length < 5)
                throw WrongSize(in header);
            BlockDependsOnSelf = (BinaryPrimitives.ReadInt32BigEndian(fragment) & int.MaxValue) == header.StreamId;
            fragment = fragment[5..];
        }

        else
        {
            BlockDependsOnSelf = false;
        }

        var isEnd = header.Has(FrameFlags.EndStream);
        if (header.Has(FrameFlags.EndHeaders))
        {
            OnHeaders(header.StreamId, fragment, isEnd);
            return;
        }

        _blockStream = header.StreamId;
        _blockIsEnd = isEnd;
        _blockPieces = 1;
        _blockBy = Worker.Now + Milliseconds(_options.HeaderTimeout);
        Collect(fragment);
    }

    private void OnContinuation(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (_blockStream == 0)
            throw Wrong("CONTINUATION continues nothing");
        if (++_blockPieces > MostPieces)
            throw new Http2Exception(Http2ErrorCode.EnhanceYourCalm, "A header block comes in too many pieces");
        Collect(payload);
        if (!header.Has(FrameFlags.EndHeaders))
            return;
        var streamId = _blockStream;
        _blockStream = 0;
        _blockBy = Never;
        try
        {
            OnHeaders(streamId, _block.AsSpan(0, _blockLength), _blockIsEnd);
        }
        finally
        {
            ReleaseBlock();
        }
    }

    private void Collect(ReadOnlySpan<byte> fragment)
    {
        var length = _blockLength + fragment.Length;
        // What is encoded is seldom larger than what it stands for, and nobody would read what it stands for.
        if (length > _options.HeaderListSize)
            throw new Http2Exception(Http2ErrorCode.EnhanceYourCalm, "A header block is too large");
        if (_block is null || _block.Length < length)
        {
            var larger = Pool.Rent(length);
            _block.AsSpan(0, _blockLength).CopyTo(larger);
            ReleaseBlockBytes();
            _block = larger;
        }

        fragment.CopyTo(_block.AsSpan(_blockLength));
        _blockLength = length;
    }

    private void ReleaseBlock()
    {
        _blockLength = 0;
        ReleaseBlockBytes();
    }

    private void ReleaseBlockBytes()
    {
        if (_block is null)
            return;
        Pool.Return(_block);
        _block = null;
    }
}
