using System.Buffers.Text;

namespace Securely.Encrypt;

/// <summary>Reads one serialised value after another.</summary>
internal ref struct PhpReader(ReadOnlySpan<byte> text)
{
    /// <summary>An entry of an array is at least <c>i:0;N;</c>, so a count beyond the rest of the text is a lie.</summary>
    private const int ShortestEntry = 6;

    private ReadOnlySpan<byte> _rest = text;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    public PhpValue Read(int depth)
    {
        if (_rest.Length < 2)
            throw Broken();
        var kind = _rest[0];
        if (kind == 'N')
        {
            Expect("N;"u8);
            return PhpValue.Null;
        }

        if (_rest[1] != ':')
            throw Broken();
        if (kind is (byte)'O' or (byte)'C' or (byte)'E' or (byte)'r' or (byte)'R')
            throw new FormatException("The serialised PHP value has an object or a reference in it; only scalars and arrays are read");
        _rest = _rest[2..];
        return kind switch
        {
            (byte)'b' => ReadBoolean(),
            (byte)'i' => PhpValue.Of(ReadInteger((byte)';')),
            (byte)'d' => PhpValue.Of(PhpDouble.TryParse(Until((byte)';'), out var number) ? number : throw Broken()),
            (byte)'s' => ReadText(),
            (byte)'a' => ReadArray(depth),
            _ => throw Broken(),
        };
    }

    private static FormatException Broken() => new("The payload does not hold a serialised PHP value");

    private PhpValue ReadBoolean()
    {
        var value = ReadInteger((byte)';');
        return value is 0 or 1 ? PhpValue.Of(value == 1) : throw Broken();
    }

    private PhpValue ReadText()
    {
        var length = ReadInteger((byte)':');
        Expect("\""u8);
        if (length < 0 || length > _rest.Length)
            throw Broken();
        var value = PhpValue.Of(_rest[..(int)length]);
        _rest = _rest[(int)length..];
        Expect("\";"u8);
        return value;
    }

    private PhpValue ReadArray(int depth)
    {
        if (depth == PhpSerializer.MaxDepth)
            throw new FormatException($"Arrays of the serialised PHP value lie in one another deeper than {PhpSerializer.MaxDepth}");
        var count = ReadInteger((byte)':');
        Expect("{"u8);
        if (count < 0 || count > _rest.Length / ShortestEntry)
            throw Broken();
        var items = new KeyValuePair<PhpValue, PhpValue>[count];
        for (var i = 0; i < items.Length; i++)
        {
            var key = Read(depth + 1);
            if (key.Kind is not (PhpKind.WholeNumber or PhpKind.Text))
                throw Broken();
            items[i] = KeyValuePair.Create(key, Read(depth + 1));
        }

        Expect("}"u8);
        return PhpValue.Map(items);
    }

    private long ReadInteger(byte end)
    {
        var digits = Until(end);
        return Utf8Parser.TryParse(digits, out long value, out var read) && read == digits.Length ? value : throw Broken();
    }

    private ReadOnlySpan<byte> Until(byte end)
    {
        // No number is longer; a text without an end is not searched again and again.
        var window = _rest[..Math.Min(_rest.Length, 64)];
        var length = window.IndexOf(end);
        if (length < 0)
            throw Broken();
        var found = _rest[..length];
        _rest = _rest[(length + 1)..];
        return found;
    }

    private void Expect(ReadOnlySpan<byte> wanted)
    {
        if (!_rest.StartsWith(wanted))
            throw Broken();
        _rest = _rest[wanted.Length..];
    }
}
