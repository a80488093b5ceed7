using System.Buffers;
using System.Text;

namespace Securely.Http;

/// <summary>
/// Encodes the header blocks of one direction of a connection (RFC 7541). What comes again is put into the dynamic table, what is different in each
/// message is not, and what is secret never is, here or further on (RFC 7541 7.1.3). Allocates nothing once its table has its size.
/// </summary>
/// <remarks>Not safe for concurrent use: it belongs to the worker of its connection. Blocks must be sent in the order they were begun.</remarks>
internal sealed class HpackEncoder
{
    /// <summary>The table size that is never exceeded, whatever the peer allows.</summary>
    public const int MostTableSize = 4096;

    private const int MostOnStack = 256;
    private readonly EncoderTable _table = new(HpackDecoder.InitialTableSize, MostTableSize);
    private HpackBuffer _output = null!;
    private int _tableSize = HpackDecoder.InitialTableSize;
    private int _smallestSize = HpackDecoder.InitialTableSize;

    /// <summary>What the dynamic table's entries count together.</summary>
    public int TableSize => _table.Size;

    /// <summary>The peer has announced its SETTINGS_HEADER_TABLE_SIZE; the next block says what is made of it (RFC 7541 4.2).</summary>
    /// <param name="size">What it allows.</param>
    public void SetPeerTableSize(uint size)
    {
        _tableSize = (int)Math.Min(size, MostTableSize);
        _smallestSize = Math.Min(_tableSize, _smallestSize);
    }

    /// <summary>Begins a block.</summary>
    /// <param name="output">Where it goes, behind what is there already.</param>
    public void Begin(HpackBuffer output)
    {
        _output = output;
        if (_smallestSize < _table.MaxSize && _smallestSize < _tableSize)
            WriteTableSize(_smallestSize);
        if (_tableSize != _table.MaxSize)
            WriteTableSize(_tableSize);
        _smallestSize = _tableSize;
    }

    /// <summary>Writes <c>:status</c>.</summary>
    /// <param name="status">100 to 999.</param>
    public void WriteStatus(int status)
    {
        int index = status switch { 200 => 8, 204 => 9, 206 => 10, 304 => 11, 400 => 12, 404 => 13, 500 => 14, _ => 0 };
        if (index != 0)
        {
            WriteIndex(index);
            return;
        }

        Span<byte> digits = [(byte)('0' + (status / 100)), (byte)('0' + (status / 10 % 10)), (byte)('0' + (status % 10))];
        WriteIndexed(StaticTable.Status, StaticTable.Name(StaticTable.Status), digits, mayIndex: true);
    }

    /// <summary>Writes <c>:method</c>.</summary>
    public void WriteMethod(ReadOnlySpan<byte> method) => WritePseudo(StaticTable.Method, method, mayIndex: true);

    /// <summary>Writes <c>:scheme</c>.</summary>
    public void WriteScheme(ReadOnlySpan<byte> scheme) => WritePseudo(StaticTable.Scheme, scheme, mayIndex: true);

    /// <summary>Writes <c>:authority</c>.</summary>
    public void WriteAuthority(ReadOnlySpan<byte> authority) => WritePseudo(StaticTable.Authority, authority, mayIndex: true);

    /// <summary>Writes <c>:path</c>, which is too varied to be kept.</summary>
    public void WritePath(ReadOnlySpan<byte> path) => WritePseudo(StaticTable.Path, path, mayIndex: false);

    /// <summary>Writes a field.</summary>
    /// <param name="known">Which known name it has.</param>
    /// <param name="name">The name in any case; it is written in lower case (RFC 9113 8.2). Not needed for a known one.</param>
    /// <param name="value">The value.</param>
    /// <param name="isSensitive">Whether it must never be indexed, for example because it came so (RFC 7541 6.2.3).</param>
    public void Write(KnownHeader known, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, bool isSensitive = false)
    {
        if (known != KnownHeader.Unknown)
        {
            int index = StaticTable.IndexOf(known);
            Write(index, index != 0 ? StaticTable.Name(index) : FieldPolicy.LowerCaseName(known), value, FieldPolicy.Of(known, value.Length), isSensitive);
            return;
        }

        byte[]? rented = null;
        Span<byte> lower = name.Length <= MostOnStack ? stackalloc byte[MostOnStack] : rented = ArrayPool<byte>.Shared.Rent(name.Length);
        lower = lower[..name.Length];
        ToLower(name, lower);
        Write(0, lower, value, FieldIndexing.Index, isSensitive);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
    }

    /// <summary>Writes a field of a map; one that came as never indexed is passed on so.</summary>
    /// <param name="headers">The map.</param>
    /// <param name="index">The field's position.</param>
    public void Write(HeaderMap headers, int index)
    {
        var field = headers[index];
        Write(field.Known, field.Name, field.Value, headers.IsSensitive(index));
    }

    /// <summary>Gives the table's buffer back when the connection has ended.</summary>
    public void Release() => _table.Release();

    private void Write(int staticName, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, FieldIndexing indexing, bool isSensitive)
    {
        if (isSensitive || indexing == FieldIndexing.Never)
            WriteLiteral(4, 0x10, staticName, name, value);
        else if (staticName == StaticTable.AcceptEncoding && value.SequenceEqual(StaticTable.Value(StaticTable.AcceptEncoding)))
            WriteIndex(staticName);
        else
            WriteIndexed(staticName, name, value, indexing == FieldIndexing.Index);
    }

    private void WritePseudo(int staticName, ReadOnlySpan<byte> value, bool mayIndex)
    {
        for (int index = staticName; index <= staticName + 1; index++)
        {
            if (staticName != StaticTable.Authority && value.SequenceEqual(StaticTable.Value(index)))
            {
                WriteIndex(index);
                return;
            }
        }

        WriteIndexed(staticName, StaticTable.Name(staticName), value, mayIndex);
    }

    /// <summary>Writes a field that is in the table, or may be put there.</summary>
    private void WriteIndexed(int staticName, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, bool mayIndex)
    {
        // What is larger than half of the table would drive out what is worth more.
        mayIndex &= name.Length + value.Length + DynamicTable.EntryOverhead <= _table.MaxSize / 2;
        if (!mayIndex && staticName != 0)
        {
            WriteLiteral(4, 0x00, staticName, name, value);
            return;
        }

        uint nameHash = EncoderTable.HashName(staticName, name);
        int index = mayIndex ? _table.FindField(nameHash, staticName, name, value) : 0;
        if (index != 0)
        {
            WriteIndex(index);
            return;
        }

        int nameIndex = _table.FindName(nameHash, staticName, name, out bool changes);
        if (staticName != 0)
            nameIndex = staticName;
        if (!mayIndex || changes)
        {
            WriteLiteral(4, 0x00, nameIndex, name, value);
            return;
        }

        WriteLiteral(6, 0x40, nameIndex, name, value);
        _table.Add(nameHash, staticName, name, value);
    }

    private void WriteTableSize(int size)
    {
        _table.Resize(size);
        _output.Advance(IntegerCodec.Write(_output.GetSpan(IntegerCodec.MaxBytes), 5, 0x20, size));
    }

    private void WriteIndex(int index) => _output.Advance(IntegerCodec.Write(_output.GetSpan(IntegerCodec.MaxBytes), 7, 0x80, index));

    private void WriteLiteral(int prefixBits, byte pattern, int nameIndex, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var span = _output.GetSpan((3 * IntegerCodec.MaxBytes) + name.Length + value.Length);
        int written = IntegerCodec.Write(span, prefixBits, pattern, nameIndex);
        if (nameIndex == 0)
            written += WriteString(name, span[written..]);
        written += WriteString(value, span[written..]);
        _output.Advance(written);
    }

    /// <summary>Writes a string in the shorter of its two forms.</summary>
    private static int WriteString(ReadOnlySpan<byte> value, Span<byte> destination)
    {
        int encoded = Huffman.EncodedLength(value);
        if (encoded < value.Length)
        {
            int start = IntegerCodec.Write(destination, 7, 0x80, encoded);
            return start + Huffman.Encode(value, destination[start..]);
        }

        int length = IntegerCodec.Write(destination, 7, 0x00, value.Length);
        value.CopyTo(destination[length..]);
        return length + value.Length;
    }

    private static void ToLower(ReadOnlySpan<byte> name, Span<byte> destination)
    {
        // Only a token comes here, but a byte beyond ASCII must not end the copy.
        if (Ascii.ToLower(name, destination, out int written) != OperationStatus.Done)
            name[written..].CopyTo(destination[written..]);
    }
}
