using System.Buffers.Binary;

namespace Securely.Dns;

/// <summary>
/// Finds addresses of private networks in answers of the internet: a page could reach into the local network by a name of its own (rebinding).
/// Immutable, for any thread.
/// </summary>
internal sealed class AddressGuard(IReadOnlyList<DomainName> exceptions)
{
    private static readonly AccessList _private = new(
    [
        .. ForwardingOptions.LocalNetworks, System.Net.IPNetwork.Parse("0.0.0.0/8"), System.Net.IPNetwork.Parse("::/128"),
    ]);

    internal bool IsForbidden(ResourceRecord record)
    {
        if (exceptions.Any(record.Name.IsWithin))
            return false;
        return record.Type switch
        {
            RecordType.A => _private.Contains(record.Data.Span),
            RecordType.Aaaa => IsPrivate(record.Data.Span),
            RecordType.Https or RecordType.Svcb => HasPrivateHint(record.Data.Span),
            _ => false,
        };
    }

    private static bool IsPrivate(ReadOnlySpan<byte> address)
    {
        // An IPv4 address within one of IPv6: mapped, or by way of a translator (RFC 4291, RFC 6052).
        var isMapped = address.StartsWith((ReadOnlySpan<byte>)[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]);
        var isTranslated = address.StartsWith((ReadOnlySpan<byte>)[0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0]);
        return isMapped || isTranslated ? _private.Contains(address[12..]) : _private.Contains(address);
    }

    // RFC 9460: keys 4 and 6 are lists of addresses.
    private static bool HasPrivateHint(ReadOnlySpan<byte> data)
    {
        var parameters = data[(2 + WireName.Measure(data[2..]))..];
        while (parameters.Length >= 4)
        {
            var (key, length) = (BinaryPrimitives.ReadUInt16BigEndian(parameters), BinaryPrimitives.ReadUInt16BigEndian(parameters[2..]));
            var size = key switch { 4 => 4, 6 => 16, _ => 0 };
            for (var at = 0; size > 0 && at + size <= length; at += size)
            {
                var address = parameters.Slice(4 + at, size);
                if (size == 4 ? _private.Contains(address) : IsPrivate(address))
                    return true;
            }

            parameters = parameters[(4 + length)..];
        }

        return false;
    }
}
