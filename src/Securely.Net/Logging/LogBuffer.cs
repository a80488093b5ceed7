using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Securely.Net;

/// <summary>Lines on their way to a file. What a client has sent may get in through one of the escaping members only. Not thread-safe.</summary>
public sealed class LogBuffer
{
    // What stands in a line as it is: printable ASCII without what begins an escape or ends a text.
    private static readonly SearchValues<byte> Plain = SearchValues.Create([.. Enumerable.Range(' ', '~' - ' ' + 1).Where(b => b is not ('"' or '\\')).Select(b => (byte)b)]);

    private byte[] _bytes = new byte[96 * 1024];

    /// <summary>How many bytes there are.</summary>
    public int Length { get; private set; }

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    /// <summary>Takes everything out.</summary>
    public void Clear() => Length = 0;

    /// <summary>Room for some bytes at the end; say with <see cref="Advance"/> how many were written.</summary>
    /// <param name="size">How many at least.</param>
    /// <returns>The room, which may be larger.</returns>
    public Span<byte> Room(int size)
    {
        if (_bytes.Length - Length < size)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + size));
        return _bytes.AsSpan(Length);
    }

    /// <summary>Takes bytes that were written into <see cref="Room"/>.</summary>
    /// <param name="count">How many.</param>
    public void Advance(int count) => Length += count;

    /// <summary>Adds bytes as they are.</summary>
    /// <param name="bytes">Nothing that a client has sent.</param>
    public void Put(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        Length += bytes.Length;
    }

    /// <summary>Adds a number in decimal.</summary>
    /// <param name="number">The number.</param>
    public void PutNumber(long number)
    {
        Utf8Formatter.TryFormat(number, Room(20), out var written);
        Length += written;
    }

    /// <summary>Seconds with six decimals.</summary>
    /// <param name="ticks">The time in ticks of <see cref="TimeSpan"/>.</param>
    public void PutSeconds(long ticks)
    {
        PutNumber(ticks / TimeSpan.TicksPerSecond);
        Put("."u8);
        PutDigits((int)(ticks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond), 6);
    }

    /// <summary>Adds a number with leading zeros.</summary>
    /// <param name="number">The number, not below 0.</param>
    /// <param name="digits">How many digits.</param>
    public void PutDigits(int number, int digits)
    {
        var room = Room(digits);
        for (var i = digits - 1; i >= 0; i--)
        {
            room[i] = (byte)('0' + (number % 10));
            number /= 10;
        }

        Length += digits;
    }

    /// <summary>
    /// A JSON text of ASCII alone: everything else is <c>\u</c> and four digits, so that no byte can mean anything to a terminal. What is not UTF-8
    /// becomes U+FFFD.
    /// </summary>
    /// <param name="text">Anything that a client has sent.</param>
    public void PutJson(ReadOnlySpan<byte> text)
    {
        // Nearly always there is nothing to escape.
        if (text.IndexOfAnyExcept(Plain) < 0)
        {
            var room = Room(text.Length + 2);
            room[0] = (byte)'"';
            text.CopyTo(room[1..]);
            room[text.Length + 1] = (byte)'"';
            Length += text.Length + 2;
            return;
        }

        PutEscapedJson(text);
    }

    private void PutEscapedJson(ReadOnlySpan<byte> text)
    {
        Span<char> halves = stackalloc char[2];
        Put("\""u8);
        while (true)
        {
            var plain = text.IndexOfAnyExcept(Plain);
            Put(plain < 0 ? text : text[..plain]);
            if (plain < 0)
                break;
            text = text[plain..];
            if (text[0] is (byte)'"' or (byte)'\\')
            {
                Put("\\"u8);
                Put(text[..1]);
                text = text[1..];
                continue;
            }

            Rune.DecodeFromUtf8(text, out var rune, out var consumed);
            foreach (var half in halves[..rune.EncodeToUtf16(halves)])
            {
                Put("\\u"u8);
                PutHex(half >> 8);
                PutHex(half & 0xFF);
            }

            text = text[consumed..];
        }

        Put("\""u8);
    }

    /// <summary>As nginx and Apache write a text of a client: what is not printable ASCII, a quote or a backslash is <c>\x</c> and two digits.</summary>
    /// <param name="text">Anything that a client has sent.</param>
    public void PutEscaped(ReadOnlySpan<byte> text)
    {
        while (true)
        {
            var plain = text.IndexOfAnyExcept(Plain);
            Put(plain < 0 ? text : text[..plain]);
            if (plain < 0)
                return;
            Put("\\x"u8);
            PutHex(text[plain]);
            text = text[(plain + 1)..];
        }
    }

    private void PutHex(int value)
    {
        var room = Room(2);
        room[0] = "0123456789abcdef"u8[value >> 4];
        room[1] = "0123456789abcdef"u8[value & 15];
        Length += 2;
    }
}
