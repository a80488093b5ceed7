using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Net;

namespace Securely.Dns.Records;

/// <summary>Reads record data from the words of a zone file, by the table of types. It is reused; one thread at a time.</summary>
internal sealed partial class RecordParser
{
    private static readonly SearchValues<char> _addressDigits = SearchValues.Create("0123456789.");
    private readonly byte[] _data = new byte[FieldWire.Maximum];
    private int _length;
    private string _text = "";
    private ZoneToken[] _tokens = [];
    private int _count;
    private int _at;
    private DomainName? _origin;

    /// <summary>The word that the last failure is about; the number of words when one is missing.</summary>
    internal int FailedToken { get; private set; }

    /// <summary>The data of the last success; overwritten by the next call.</summary>
    internal ReadOnlySpan<byte> Data => _data.AsSpan(0, _length);

    /// <summary>Reads data.</summary>
    /// <param name="type">The record's type.</param>
    /// <param name="text">What the words stand in.</param>
    /// <param name="tokens">All words of the entry.</param>
    /// <param name="first">The first word of the data.</param>
    /// <param name="count">How many words the entry has.</param>
    /// <param name="origin">Completes relative names; null allows none.</param>
    /// <returns>What is wrong; null when nothing is.</returns>
    internal string? Parse(RecordType type, string text, ZoneToken[] tokens, int first, int count, DomainName? origin)
    {
        (_text, _tokens, _at, _count, _origin, _length) = (text, tokens, first, count, origin, 0);
        var error = _at < _count && Word is @"\#" && !_tokens[_at].IsQuoted ? ParseUnknown(type) : ParseFields(type);
        if (error is null && _at < _count)
            error = $"comes after the end of {RecordSchema.NameOf(type)} data";
        FailedToken = _at;
        return error;
    }

    private ReadOnlySpan<char> Word => _tokens[_at].In(_text);

    private string? ParseFields(RecordType type)
    {
        var fields = RecordSchema.FieldsOf(type);
        if (fields[0] == FieldKind.Opaque)
            return $@"{RecordSchema.NameOf(type)} data is written as [\# LENGTH HEX]";
        foreach (var kind in fields)
        {
            var mayBeMissing = kind is FieldKind.TypeBitmap or FieldKind.OldTypeBitmap or FieldKind.OptionalBase64 or FieldKind.ServiceParameters or FieldKind.AddressRanges;
            if (_at >= _count && !mayBeMissing)
                return $"{RecordSchema.NameOf(type)} data is not complete";
            if (ParseField(kind) is { } error)
                return error;
        }

        return FieldWire.IsValid(type, Data) ? null : $"{RecordSchema.NameOf(type)} data is not valid";
    }

    private string? ParseField(FieldKind kind) => kind switch
    {
        FieldKind.CompressedName or FieldKind.LowerName or FieldKind.Name => ParseName(),
        FieldKind.Number8 => ParseNumber(1, byte.MaxValue),
        FieldKind.Number16 => ParseNumber(2, ushort.MaxValue),
        FieldKind.Number32 => ParseNumber(4, uint.MaxValue),
        FieldKind.Duration => TimeText.TryParseDuration(Word, out var seconds) ? PutNumber(4, seconds) : "is not a number of seconds, nor a time such as 1h30m",
        FieldKind.Time => TimeText.TryParseMoment(Word, out var moment) ? PutNumber(4, moment) : "is not a moment as YYYYMMDDHHmmSS",
        FieldKind.Algorithm => NumberNames.TryFindAlgorithm(Word, out var algorithm) ? PutNumber(1, algorithm) : "is not an algorithm of DNSSEC",
        FieldKind.CertificateType => NumberNames.TryFindCertificate(Word, out var certificate) ? PutNumber(2, certificate) : "is not a kind of certificate",
        FieldKind.TypeName => RecordSchema.TryFind(Word, out var type) ? PutNumber(2, (ushort)type) : "is not a record type",
        FieldKind.Address4 => ParseAddress4(),
        FieldKind.Address6 => ParseAddress6(),
        FieldKind.Text => ParseText(withLength: true),
        FieldKind.Texts => ParseTexts(),
        FieldKind.LongText => ParseText(withLength: false),
        FieldKind.Tag => ParseTag(),
        FieldKind.Hex => ParseHex(),
        FieldKind.Base64 or FieldKind.OptionalBase64 => ParseBase64(),
        FieldKind.Salt => ParseSalt(),
        FieldKind.HashedName => ParseHashedName(),
        FieldKind.TypeBitmap => ParseTypes(),
        FieldKind.ServiceParameters => ParseServiceParameters(),
        FieldKind.Location => ParseLocation(),
        FieldKind.AddressRanges => ParseRanges(),
        FieldKind.Mac48 => ParseGroups(6, 2, '-'),
        FieldKind.Mac64 => ParseGroups(8, 2, '-'),
        FieldKind.Groups64 => ParseGroups(8, 4, ':'),
        _ => ParseComposite(kind),
    };

    private string? ParseName()
    {
        Span<byte> wire = stackalloc byte[WireName.Maximum];
        var word = Word;
        if (_origin is null && word is not "." && !EndsAbsolute(word))
            return $"is relative, and there is no $ORIGIN";
        if (!NameText.TryParse(word, _origin, wire, out var length, out var error))
            return error;
        return Put(wire[..length]);
    }

    private string? ParseNumber(int bytes, uint maximum)
    {
        if (!uint.TryParse(Word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > maximum)
            return string.Create(CultureInfo.InvariantCulture, $"is not a number from 0 to {maximum}");
        return PutNumber(bytes, number);
    }

    private string? ParseAddress4()
    {
        // A zone file has four decimal numbers; what inet_aton takes besides would be a mistake here.
        if (Word.Count('.') != 3 || Word.ContainsAnyExcept(_addressDigits) || !IPAddress.TryParse(Word, out var address) || HasLeadingZero(Word))
            return "is not an IPv4 address";
        return PutAddress(address);
    }

    private string? ParseAddress6()
    {
        if (!Word.Contains(':') || Word.ContainsAny("%[]/") || !IPAddress.TryParse(Word, out var address))
            return "is not an IPv6 address";
        return PutAddress(address);
    }

    private string? PutAddress(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var written);
        return Put(bytes[..written]);
    }

    private string? ParseText(bool withLength)
    {
        Span<byte> bytes = stackalloc byte[255];
        var word = Word;
        var start = _length;
        if (withLength && PutByte(0) is { } full)
            return full;
        for (var i = 0; i < word.Length; i++)
        {
            if (!NameText.TryReadByte(word, ref i, out var value))
                return "has a character or an escape that is no byte";
            if (PutByte(value) is { } error)
                return error;
        }

        if (withLength)
        {
            if (_length - start > 256)
                return "is longer than 255 bytes";
            _data[start] = (byte)(_length - start - 1);
        }

        _at++;
        return null;
    }

    private string? ParseTexts()
    {
        while (_at < _count)
        {
            if (ParseText(withLength: true) is { } error)
                return error;
        }

        return null;
    }

    private string? ParseTag()
    {
        foreach (var letter in Word)
        {
            if (!char.IsAsciiLetterOrDigit(letter))
                return "may have letters and digits only";
        }

        return Word.IsEmpty ? "is empty" : ParseText(withLength: true);
    }

    private string? PutNumber(int bytes, uint number)
    {
        Span<byte> all = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(all, number);
        return Put(all[(4 - bytes)..]);
    }

    // Takes the word that the bytes came from.
    private string? Put(scoped ReadOnlySpan<byte> bytes)
    {
        var error = Append(bytes);
        if (error is null)
            _at++;
        return error;
    }

    private string? Append(scoped ReadOnlySpan<byte> bytes)
    {
        if (_length + bytes.Length > _data.Length)
            return "makes the data longer than 65,535 bytes";
        bytes.CopyTo(_data.AsSpan(_length));
        _length += bytes.Length;
        return null;
    }

    private string? PutByte(byte value) => Append([value]);

    private static bool EndsAbsolute(ReadOnlySpan<char> word) => word.EndsWith(".") && !word.EndsWith(@"\.");

    private static bool HasLeadingZero(ReadOnlySpan<char> word)
    {
        foreach (var part in word.Split('.'))
        {
            var digits = word[part];
            if (digits.Length > 1 && digits[0] == '0')
                return true;
        }

        return false;
    }
}
