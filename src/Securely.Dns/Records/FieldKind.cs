namespace Securely.Dns.Records;

/// <summary>The kinds of fields that record data is made of. The kinds without a length of their own take the rest and stand last.</summary>
internal enum FieldKind : byte
{
    /// <summary>The rest, of which nothing is known (RFC 3597).</summary>
    Opaque,

    /// <summary>A name that may be compressed in messages and is made small in the canonical form: the types of RFC 1035.</summary>
    CompressedName,

    /// <summary>A name that is never compressed by us, and made small in the canonical form (RFC 4034, 6.2).</summary>
    LowerName,

    /// <summary>A name that is neither compressed nor changed.</summary>
    Name,
    Number8,
    Number16,
    Number32,

    /// <summary>A number of 32 bits that is written with units: <c>1h30m</c>.</summary>
    Duration,

    /// <summary>A moment, written as <c>YYYYMMDDHHmmSS</c> or in seconds (RFC 4034, 3.2).</summary>
    Time,

    /// <summary>A number of 8 bits that has mnemonics: an algorithm of DNSSEC.</summary>
    Algorithm,

    /// <summary>A number of 16 bits that has mnemonics: the kind of a certificate.</summary>
    CertificateType,

    /// <summary>A record type.</summary>
    TypeName,
    Address4,
    Address6,

    /// <summary>At most 255 bytes with their length.</summary>
    Text,

    /// <summary>One text or more.</summary>
    Texts,

    /// <summary>The rest as one text without a length.</summary>
    LongText,

    /// <summary>Letters and digits with their length, written without quotes.</summary>
    Tag,
    Hex,
    Base64,

    /// <summary>Bytes with their length, in hexadecimal; a hyphen for none.</summary>
    Salt,

    /// <summary>Bytes with their length, in the base 32 of RFC 5155.</summary>
    HashedName,
    TypeBitmap,
    ServiceParameters,
    Location,
    AddressRanges,
    Mac48,
    Mac64,

    /// <summary>64 bits in four groups, as half of an IPv6 address.</summary>
    Groups64,

    /// <summary>What may be missing altogether.</summary>
    OptionalBase64,

    /// <summary>Bytes in base 64; a hyphen for none.</summary>
    Base64OrNone,

    /// <summary>Bytes in hexadecimal with 0x before, and dots where the writer likes them (RFC 1706).</summary>
    Nsap,

    /// <summary>A number of 8 bits that has mnemonics: how to tell of a change.</summary>
    Scheme,

    /// <summary>A protocol and its ports, as a set of bits (RFC 1035, 3.4.2).</summary>
    Services,

    /// <summary>A set of types up to 127 (RFC 2535, 5.2).</summary>
    OldTypeBitmap,

    /// <summary>The length of a prefix, the rest of the address, and the name that has the prefix (RFC 2874, 3.1).</summary>
    AddressSuffix,

    /// <summary>The kind of a gateway, an algorithm, and the gateway (RFC 4025, 2.1).</summary>
    Gateway,

    /// <summary>A flag and the kind of a relay, and the relay (RFC 8777, 4.2).</summary>
    Relay,

    /// <summary>A host identity, its key, and its rendezvous servers (RFC 8005, 5).</summary>
    HostIdentity,
}
