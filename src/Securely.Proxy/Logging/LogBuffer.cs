using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Securely.Proxy;

/// <summary>Lines on their way to a file. Nothing of a client gets in but through one of the escaping members.</summary>
internal sealed class LogBuffer
{
    // What stands in a line as it is: printable ASCII without what begins an escape or ends a text.
    private static readonly SearchValues<byte> Plain = SearchValues.Create([.. Enumerable.Range(' ', '~' - ' ' + 1).Where(b => b is not ('"' or '\\')).Select(b => (byte)b)]);

    private byte[] _bytes = new byte[96 * 1024];

    internal int Length { get; private set; }

    internal ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    internal void Clear() => Length = 0;

    internal Span<byte> Room(int size)
    {
        if (_bytes.Length - Length < size)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + size));
        return _bytes.AsSpan(Length);
    }

    internal void Advance(int count) => Length += count;

    internal void Put(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        Length += bytes.Length;
    }

    internal void PutNumber(long number)
    {
        Utf8Formatter.TryFormat(number, Room(20), out var written);
        Length += written;
    }

    /// <summary>Seconds with six decimals.</summary>
    internal void PutSeconds(long ticks)
    {
        PutNumber(ticks / TimeSpan.TicksPerSecond);
        Put("."u8);
        PutDigits((int)(ticks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond), 6);
    }

    internal void PutDigits(int number, int digits)
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
    internal void PutJson(ReadOnlySpan<byte> text)
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
    internal void PutEscaped(ReadOnlySpan<byte> text)
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
