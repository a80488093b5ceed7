using System.Buffers;

namespace Securely.Http;

/// <summary>
/// Decodes the header blocks of one direction of a connection (RFC 7541). Limits hold while decoding: a small block that stands for megabytes
/// costs no more than its own bytes. Allocates nothing once its table has its size.
/// </summary>
/// <remarks>Not safe for concurrent use: it belongs to the worker of its connection.</remarks>
internal sealed class HpackDecoder
{
    /// <summary>The table size that holds until the peer has acknowledged another one (RFC 9113 6.5.2).</summary>
    public const int InitialTableSize = 4096;

    private readonly DynamicTable _table = new(InitialTableSize);
    private readonly int _maxListSize;
    private readonly int _maxFields;
    private byte[]? _nameBuffer;
    private byte[]? _valueBuffer;
    private int _sizeLimit = InitialTableSize;
    private int _requiredSize = -1;
    private long _listSize;
    private int _fields;

    /// <summary>Makes a decoder with an empty table.</summary>
    /// <param name="maxListSize">The most bytes of a decoded list: names, values and 32 for each field (SETTINGS_MAX_HEADER_LIST_SIZE).</param>
    /// <param name="maxFields">The most fields of a list, pseudo-header fields included.</param>
    public HpackDecoder(int maxListSize = 64 * 1024, int maxFields = 128)
    {
        _maxListSize = maxListSize;
        _maxFields = maxFields;
    }

    /// <summary>Why the last block could not be decoded; null while all could.</summary>
    public string? Problem { get; private set; }

    /// <summary>What the dynamic table's entries count together.</summary>
    public int TableSize => _table.Size;

    /// <summary>
    /// The peer has acknowledged a SETTINGS_HEADER_TABLE_SIZE of ours. When its table may be larger than that, its next block has to begin with
    /// a size update (RFC 7541 4.2).
    /// </summary>
    /// <param name="size">The acknowledged size.</param>
    public void AcknowledgeTableSize(int size)
    {
        _sizeLimit = size;
        if (size < _table.MaxSize)
            _requiredSize = _requiredSize < 0 ? size : Math.Min(size, _requiredSize);
    }

    /// <summary>Decodes a block.</summary>
    /// <param name="block">All of it: the fragments of HEADERS and its CONTINUATION frames.</param>
    /// <param name="sink">Takes the fields.</param>
    /// <returns>How it ended; <see cref="Problem"/> says why where it is an error.</returns>
    public HpackStatus Decode<TSink>(ReadOnlySpan<byte> block, ref TSink sink)
        where TSink : IHpackSink, allows ref struct
    {
        _listSize = 0;
        _fields = 0;
        int position = 0;
        if (TryReadSizeUpdates(block, ref position))
        {
            while (position < block.Length && TryReadField(block, ref position, ref sink))
            {
            }
        }

        Return(ref _nameBuffer);
        Return(ref _valueBuffer);
        return Problem is not null ? HpackStatus.Error : IsTooLarge ? HpackStatus.TooLarge : HpackStatus.Done;
    }

    /// <summary>Gives the table's buffer back when the connection has ended.</summary>
    public void Release() => _table.Release();

    private bool IsTooLarge => _listSize > _maxListSize || _fields > _maxFields;

    private bool TryReadSizeUpdates(ReadOnlySpan<byte> block, ref int position)
    {
        while (position < block.Length && (block[position] & 0xE0) == 0x20)
        {
            if (!IntegerCodec.TryRead(block, ref position, 5, out int size))
                return Fail("A table size is cut off or too large");
            if (size > _sizeLimit)
                return Fail("A table size is larger than the settings allow");
            if (size <= _requiredSize)
                _requiredSize = -1;
            _table.Resize(size);
        }

        return _requiredSize < 0 || Fail("The table was not made smaller after the settings had changed");
    }

    private bool TryReadField<TSink>(ReadOnlySpan<byte> block, ref int position, ref TSink sink)
        where TSink : IHpackSink, allows ref struct
    {
        byte first = block[position];
        if (first >= 0x80)
        {
            if (!IntegerCodec.TryRead(block, ref position, 7, out int index) || !TryFind(index, out var known, out var name, out var value))
                return Fail("An index is cut off or names no entry");
            Emit(new HpackField(known, name, value, isSensitive: false), ref sink);
            return true;
        }

        bool isIndexed = first >= 0x40;
        if (!isIndexed && first >= 0x20)
            return Fail("A table size stands behind a field");
        if (!TryReadName(block, ref position, isIndexed ? 6 : 4, out var nameKnown, out var literalName)
            || !TryReadString(block, ref position, ref _valueBuffer, out var literalValue))
            return false;
        Emit(new HpackField(nameKnown, literalName, literalValue, (first & 0xF0) == 0x10), ref sink);
        if (isIndexed)
            _table.Add(nameKnown, literalName, literalValue);
        return true;
    }

    private void Emit<TSink>(scoped HpackField field, ref TSink sink)
        where TSink : IHpackSink, allows ref struct
    {
        _listSize += field.Name.Length + field.Value.Length + DynamicTable.EntryOverhead;
        _fields++;
        if (!IsTooLarge)
            sink.OnField(field);
    }

    private bool TryFind(int index, out KnownHeader known, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        if ((uint)(index - 1) < StaticTable.Count)
        {
            known = StaticTable.Known(index);
            name = StaticTable.Name(index);
            value = StaticTable.Value(index);
            return true;
        }

        long number = _table.Inserted + StaticTable.Count - index;
        if (index == 0 || !_table.Contains(number))
        {
            known = default;
            name = value = default;
            return false;
        }

        known = _table.Known(number);
        name = _table.Name(number);
        value = _table.Value(number);
        return true;
    }

    private bool TryReadName(ReadOnlySpan<byte> block, ref int position, int prefixBits, out KnownHeader known, out ReadOnlySpan<byte> name)
    {
        known = default;
        name = default;
        if (!IntegerCodec.TryRead(block, ref position, prefixBits, out int index))
            return Fail("An index is cut off or too large");
        if (index != 0)
            return TryFind(index, out known, out name, out _) || Fail("The index of a name names no entry");
        if (!TryReadString(block, ref position, ref _nameBuffer, out name))
            return false;
        known = KnownHeaders.Recognise(name);
        return true;
    }

    private bool TryReadString(ReadOnlySpan<byte> block, ref int position, ref byte[]? buffer, out ReadOnlySpan<byte> value)
    {
        value = default;
        bool isHuffman = position < block.Length && block[position] >= 0x80;
        if (!IntegerCodec.TryRead(block, ref position, 7, out int length) || length > block.Length - position)
            return Fail("A string is cut off");
        value = block.Slice(position, length);
        position += length;
        if (!isHuffman)
            return true;
        int room = Huffman.MaxDecodedLength(length);
        if (buffer is null || buffer.Length < room)
        {
            Return(ref buffer);
            buffer = ArrayPool<byte>.Shared.Rent(room);
        }

        if (!Huffman.TryDecode(value, buffer, out int decoded))
            return Fail("A string is not encoded as it must be");
        value = buffer.AsSpan(0, decoded);
        return true;
    }

    private bool Fail(string problem)
    {
        Problem = problem;
        return false;
    }

    private static void Return(ref byte[]? buffer)
    {
        if (buffer is null)
            return;
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = null;
    }
}
