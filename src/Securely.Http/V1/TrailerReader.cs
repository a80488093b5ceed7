using System.Buffers;

namespace Securely.Http;

/// <summary>
/// Collects a trailer section, which may be spread over several reads, in a buffer of its own, and parses it there. Nothing is rented and
/// no map is made while no trailers come.
/// </summary>
internal struct TrailerReader
{
    private const int MostBytes = 64 * 1024;
    private const int FirstBytes = 512;

    private HeaderMap? _fields;
    private byte[]? _buffer;
    private FieldParser _parser;
    private int _length;

    /// <summary>The trailers without those that are forbidden; null when none are left.</summary>
    public readonly HeaderMap? Fields => _fields is { Count: > 0 } ? _fields : null;

    /// <summary>Whether nothing was read yet.</summary>
    public readonly bool IsEmpty => _length == 0;

    /// <summary>Reads on.</summary>
    /// <param name="input">What has come.</param>
    /// <param name="maxFields">The most fields.</param>
    /// <param name="consumed">How many bytes belong to the section.</param>
    /// <param name="error">Why it is refused.</param>
    public HeadStatus Read(ReadOnlySpan<byte> input, int maxFields, out int consumed, ref HeadError error)
    {
        if (_length == 0)
        {
            _fields ??= new HeaderMap();
            _parser.Begin(0);
        }

        int before = _length;
        consumed = Math.Min(input.Length, MostBytes - before);
        Append(input[..consumed]);
        _fields!.Attach(_buffer!, 0);
        var status = _parser.Parse(_buffer.AsSpan(0, _length), _fields, MostBytes, maxFields, lenient: false, ref error);
        if (status == HeadStatus.Done)
        {
            consumed = _parser.Position - before;
            HeaderRules.RemoveForbiddenTrailers(_fields);
        }

        return status;
    }

    /// <summary>Forgets the section and gives rented memory back; the map is kept for the next one.</summary>
    public void Reset()
    {
        _fields?.Reset();
        _length = 0;
        if (_buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = null;
        }
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        int length = _length + bytes.Length;
        if (_buffer is null || length > _buffer.Length)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(FirstBytes, Math.Max(length, _length * 2)));
            if (_buffer is not null)
            {
                _buffer.AsSpan(0, _length).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(_buffer);
            }

            _buffer = larger;
        }

        bytes.CopyTo(_buffer.AsSpan(_length));
        _length = length;
    }
}
