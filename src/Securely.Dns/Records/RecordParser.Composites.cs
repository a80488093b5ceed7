using System.Buffers.Binary;
using System.Globalization;
using System.Net;

namespace Securely.Dns.Records;

internal sealed partial class RecordParser
{
    private const string Incomplete = "The data is not complete";

    private string? ParseComposite(FieldKind kind) => kind switch
    {
        FieldKind.Base64OrNone => ParseBase64OrNone(),
        FieldKind.Nsap => ParseNsap(),
        FieldKind.Scheme => NumberNames.TryFindScheme(Word, out var scheme) ? PutNumber(1, scheme) : "is not a way to tell of a change",
        FieldKind.Services => ParseServices(),
        FieldKind.OldTypeBitmap => ParseOldTypes(),
        FieldKind.AddressSuffix => ParseSuffix(),
        FieldKind.Gateway => ParseGateway(),
        FieldKind.Relay => ParseRelay(),
        FieldKind.HostIdentity => ParseHostIdentity(),
        _ => "is of a type that is only known as bytes",
    };

    private string? ParseBase64OrNone()
    {
        if (Word is not "-" || _tokens[_at].IsQuoted)
            return ParseBase64();
        _at++;
        return null;
    }

    private string? ParseNsap()
    {
        if (!Word.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
            return "is not hexadecimal with [0x] before";
        var digits = Word[2..].ToString().Replace(".", "", StringComparison.Ordinal);
        return digits.Length > 0 && digits.Length % 2 == 0 && !digits.AsSpan().ContainsAnyExcept(_hexDigits) ? Put(Convert.FromHexString(digits)) : "is not hexadecimal with [0x] before";
    }

    // PROTOCOL PORT..., each a number or a name.
    private string? ParseServices()
    {
        if (!NumberNames.TryFindProtocol(Word, out var protocol))
            return "is not a protocol";
        var bits = new byte[8192];
        var used = 0;
        for (_at++; _at < _count; _at++)
        {
            if (!NumberNames.TryFindService(Word, out var port))
                return "is not a port, nor the name of a service that is known here";
            bits[port / 8] |= (byte)(0x80 >> (port % 8));
            used = Math.Max(used, (port / 8) + 1);
        }

        return PutByte(protocol) ?? Append(bits.AsSpan(0, used));
    }

    private string? ParseOldTypes()
    {
        Span<byte> bits = stackalloc byte[16];
        bits.Clear();
        var used = 0;
        for (; _at < _count; _at++)
        {
            if (!RecordSchema.TryFind(Word, out var type) || (ushort)type is 0 or > 127)
                return "is not a record type from 1 to 127";
            bits[(ushort)type / 8] |= (byte)(0x80 >> ((ushort)type % 8));
            used = Math.Max(used, ((ushort)type / 8) + 1);
        }

        return Append(bits[..used]);
    }

    // PREFIX [ADDRESS] [NAME]: with a prefix of 128 there is no address, without one no name (RFC 2874, 3.1).
    private string? ParseSuffix()
    {
        if (!byte.TryParse(Word, NumberStyles.None, CultureInfo.InvariantCulture, out var prefix) || prefix > 128)
            return "is not the length of a prefix from 0 to 128";
        if (PutNumber(1, prefix) is { } full)
            return full;
        if (prefix < 128)
        {
            if (_at >= _count)
                return Incomplete;
            if (!Word.Contains(':') || Word.ContainsAny("%[]/") || !IPAddress.TryParse(Word, out var address))
                return "is not an IPv6 address";
            var bytes = address.GetAddressBytes();
            bytes[prefix / 8] &= (byte)(0xFF >> (prefix % 8));
            if (Put(bytes.AsSpan(prefix / 8)) is { } error)
                return error;
        }

        return prefix == 0 ? null : _at < _count ? ParseName() : Incomplete;
    }

    // KIND ALGORITHM GATEWAY
    private string? ParseGateway()
    {
        if (!byte.TryParse(Word, NumberStyles.None, CultureInfo.InvariantCulture, out var kind) || kind > 3)
            return "is not a kind of gateway from 0 to 3";
        if (PutNumber(1, kind) is { } full)
            return full;
        return _at < _count ? ParseNumber(1, byte.MaxValue) ?? ParseHost(kind) : Incomplete;
    }

    // DISCOVERY KIND RELAY
    private string? ParseRelay()
    {
        if (Word is not ("0" or "1"))
            return "is neither 0 nor 1";
        var discovery = Word is "1" ? 0x80 : 0;
        if (++_at >= _count)
            return Incomplete;
        if (!byte.TryParse(Word, NumberStyles.None, CultureInfo.InvariantCulture, out var kind) || kind > 3)
            return "is not a kind of relay from 0 to 3";
        return PutNumber(1, (uint)(discovery | kind)) ?? ParseHost(kind);
    }

    private string? ParseHost(int kind)
    {
        if (_at >= _count)
            return Incomplete;
        switch (kind)
        {
            case 1:
                return ParseAddress4();
            case 2:
                return ParseAddress6();
            case 3:
                return ParseName();
            default:
                return Word is "." ? Put([]) : "must be [.]: of this kind there is none";
        }
    }

    // ALGORITHM IDENTITY KEY SERVER...
    private string? ParseHostIdentity()
    {
        var start = _length;
        if (!byte.TryParse(Word, NumberStyles.None, CultureInfo.InvariantCulture, out var algorithm))
            return "is not a number from 0 to 255";
        if (Put([0, algorithm, 0, 0]) is { } full)
            return full;
        if (_at >= _count)
            return Incomplete;
        if (Word.Length is 0 or > 510 || Word.Length % 2 != 0 || Word.ContainsAnyExcept(_hexDigits))
            return "is not hexadecimal";
        _data[start] = (byte)(Word.Length / 2);
        if (Put(Convert.FromHexString(Word)) is { } tooLong)
            return tooLong;
        if (_at >= _count)
            return Incomplete;
        if (!Convert.TryFromBase64Chars(Word, _data.AsSpan(_length), out var key) || key == 0)
            return "is not Base64";
        BinaryPrimitives.WriteUInt16BigEndian(_data.AsSpan(start + 2), (ushort)key);
        _length += key;
        for (_at++; _at < _count;)
        {
            if (ParseName() is { } error)
                return error;
        }

        return null;
    }
}
