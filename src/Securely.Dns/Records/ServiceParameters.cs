using System.Buffers.Binary;
using System.Globalization;

namespace Securely.Dns.Records;

/// <summary>The parameters of SVCB and HTTPS records (RFC 9460, 2.2 and 7).</summary>
internal static class ServiceParameters
{
    internal const ushort Mandatory = 0;
    internal const ushort Alpn = 1;
    internal const ushort NoDefaultAlpn = 2;
    internal const ushort Port = 3;
    internal const ushort Ipv4Hint = 4;
    internal const ushort Ech = 5;
    internal const ushort Ipv6Hint = 6;
    internal const ushort DohPath = 7;
    internal const ushort Ohttp = 8;
    private static readonly string[] _names = ["mandatory", "alpn", "no-default-alpn", "port", "ipv4hint", "ech", "ipv6hint", "dohpath", "ohttp"];

    /// <summary>How zone files call a parameter.</summary>
    internal static string NameOf(ushort key) => key < _names.Length ? _names[key] : string.Create(CultureInfo.InvariantCulture, $"key{key}");

    /// <summary>Finds a parameter by what zone files call it.</summary>
    internal static bool TryFind(ReadOnlySpan<char> name, out ushort key)
    {
        key = 0;
        for (var i = 0; i < _names.Length; i++)
        {
            if (name.SequenceEqual(_names[i]))
            {
                key = (ushort)i;
                return true;
            }
        }

        return name.StartsWith("key", StringComparison.Ordinal) && name.Length > 3 && (name[3] != '0' || name.Length == 4)
            && ushort.TryParse(name[3..], NumberStyles.None, CultureInfo.InvariantCulture, out key) && key != ushort.MaxValue;
    }

    /// <summary>Whether the bytes are parameters in rising order whose values have the form of their keys, and whose mandatory ones are there.</summary>
    internal static bool IsValid(ReadOnlySpan<byte> bytes)
    {
        var last = -1;
        var at = 0;
        ReadOnlySpan<byte> mandatory = default;
        bool alpn = false, noDefault = false;
        while (at < bytes.Length)
        {
            if (at + 4 > bytes.Length)
                return false;
            var key = BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]);
            var length = BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 2)..]);
            if (key <= last || at + 4 + length > bytes.Length || !IsValidValue(key, bytes.Slice(at + 4, length)))
                return false;
            if (key == Mandatory)
                mandatory = bytes.Slice(at + 4, length);
            alpn |= key == Alpn;
            noDefault |= key == NoDefaultAlpn;
            last = key;
            at += 4 + length;
        }

        return (alpn || !noDefault) && HasAll(bytes, mandatory);
    }

    private static bool IsValidValue(ushort key, ReadOnlySpan<byte> value) => key switch
    {
        Mandatory => value.Length > 0 && value.Length % 2 == 0 && AreRising(value),
        Alpn => AreTexts(value),
        NoDefaultAlpn or Ohttp => value.IsEmpty,
        Port => value.Length == 2,
        Ipv4Hint => value.Length > 0 && value.Length % 4 == 0,
        Ipv6Hint => value.Length > 0 && value.Length % 16 == 0,
        Ech => !value.IsEmpty,
        _ => true,
    };

    private static bool AreTexts(ReadOnlySpan<byte> value)
    {
        var at = 0;
        while (at < value.Length && value[at] > 0)
            at += value[at] + 1;
        return at > 0 && at == value.Length;
    }

    private static bool AreRising(ReadOnlySpan<byte> keys)
    {
        var last = 0;
        for (var at = 0; at < keys.Length; at += 2)
        {
            int key = BinaryPrimitives.ReadUInt16BigEndian(keys[at..]);
            // Key 0 is the list itself and must not be in it.
            if (key <= last)
                return false;
            last = key;
        }

        return true;
    }

    private static bool HasAll(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> keys)
    {
        for (; keys.Length > 0; keys = keys[2..])
        {
            var found = false;
            for (var at = 0; at < bytes.Length && !found; at += 4 + BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 2)..]))
                found = bytes.Slice(at, 2).SequenceEqual(keys[..2]);
            if (!found)
                return false;
        }

        return true;
    }
}
