using System.Collections.Frozen;
using System.Globalization;

namespace Securely.Dns.Records;

/// <summary>
/// The one table of record types: which fields the data has, in order. Reading and writing messages, zone files and the canonical form all come
/// from it; a type that is not in it is kept as bytes (RFC 3597).
/// </summary>
internal sealed class RecordSchema
{
    private static readonly RecordSchema[] _rows =
    [
        Row(RecordType.A, "A", FieldKind.Address4),
        Row(RecordType.Ns, "NS", FieldKind.CompressedName),
        Row(RecordType.Md, "MD", FieldKind.CompressedName),
        Row(RecordType.Mf, "MF", FieldKind.CompressedName),
        Row(RecordType.Cname, "CNAME", FieldKind.CompressedName),
        Row(RecordType.Soa, "SOA", FieldKind.CompressedName, FieldKind.CompressedName, FieldKind.Number32, FieldKind.Duration, FieldKind.Duration, FieldKind.Duration, FieldKind.Duration),
        Row(RecordType.Mb, "MB", FieldKind.CompressedName),
        Row(RecordType.Mg, "MG", FieldKind.CompressedName),
        Row(RecordType.Mr, "MR", FieldKind.CompressedName),
        Row(RecordType.Null, "NULL", FieldKind.Opaque),
        Row(RecordType.Wks, "WKS", FieldKind.Address4, FieldKind.Services),
        Row(RecordType.Ptr, "PTR", FieldKind.CompressedName),
        Row(RecordType.Hinfo, "HINFO", FieldKind.Text, FieldKind.Text),
        Row(RecordType.Minfo, "MINFO", FieldKind.CompressedName, FieldKind.CompressedName),
        Row(RecordType.Mx, "MX", FieldKind.Number16, FieldKind.CompressedName),
        Row(RecordType.Txt, "TXT", FieldKind.Texts),
        Row(RecordType.Rp, "RP", FieldKind.LowerName, FieldKind.LowerName),
        Row(RecordType.Afsdb, "AFSDB", FieldKind.Number16, FieldKind.LowerName),
        Row(RecordType.X25, "X25", FieldKind.Text),
        Row(RecordType.Isdn, "ISDN", FieldKind.Texts),
        Row(RecordType.Rt, "RT", FieldKind.Number16, FieldKind.LowerName),
        Row(RecordType.Nsap, "NSAP", FieldKind.Nsap),
        Row(RecordType.NsapPtr, "NSAP-PTR", FieldKind.Name),
        Row(RecordType.Sig, "SIG", FieldKind.TypeName, FieldKind.Number8, FieldKind.Number8, FieldKind.Number32, FieldKind.Time, FieldKind.Time, FieldKind.Number16, FieldKind.LowerName, FieldKind.Base64),
        Row(RecordType.Key, "KEY", FieldKind.Number16, FieldKind.Number8, FieldKind.Algorithm, FieldKind.Base64),
        Row(RecordType.Px, "PX", FieldKind.Number16, FieldKind.LowerName, FieldKind.LowerName),
        Row(RecordType.Gpos, "GPOS", FieldKind.Text, FieldKind.Text, FieldKind.Text),
        Row(RecordType.Aaaa, "AAAA", FieldKind.Address6),
        Row(RecordType.Loc, "LOC", FieldKind.Location),
        Row(RecordType.Nxt, "NXT", FieldKind.LowerName, FieldKind.OldTypeBitmap),
        Row(RecordType.Eid, "EID", FieldKind.Hex),
        Row(RecordType.Nimloc, "NIMLOC", FieldKind.Hex),
        Row(RecordType.Srv, "SRV", FieldKind.Number16, FieldKind.Number16, FieldKind.Number16, FieldKind.LowerName),
        Row(RecordType.Naptr, "NAPTR", FieldKind.Number16, FieldKind.Number16, FieldKind.Text, FieldKind.Text, FieldKind.Text, FieldKind.LowerName),
        Row(RecordType.Kx, "KX", FieldKind.Number16, FieldKind.LowerName),
        Row(RecordType.Cert, "CERT", FieldKind.CertificateType, FieldKind.Number16, FieldKind.Algorithm, FieldKind.Base64),
        Row(RecordType.A6, "A6", FieldKind.AddressSuffix),
        Row(RecordType.Dname, "DNAME", FieldKind.LowerName),
        Row(RecordType.Sink, "SINK", FieldKind.Number8, FieldKind.Number8, FieldKind.Number8, FieldKind.OptionalBase64),
        Row(RecordType.Opt, "OPT", FieldKind.Opaque),
        Row(RecordType.Apl, "APL", FieldKind.AddressRanges),
        Row(RecordType.Ds, "DS", FieldKind.Number16, FieldKind.Algorithm, FieldKind.Number8, FieldKind.Hex),
        Row(RecordType.Sshfp, "SSHFP", FieldKind.Number8, FieldKind.Number8, FieldKind.Hex),
        Row(RecordType.Ipseckey, "IPSECKEY", FieldKind.Number8, FieldKind.Gateway, FieldKind.Base64),
        Row(RecordType.Rrsig, "RRSIG", FieldKind.TypeName, FieldKind.Algorithm, FieldKind.Number8, FieldKind.Number32, FieldKind.Time, FieldKind.Time, FieldKind.Number16, FieldKind.LowerName, FieldKind.Base64),
        Row(RecordType.Nsec, "NSEC", FieldKind.Name, FieldKind.TypeBitmap),
        Row(RecordType.Dnskey, "DNSKEY", FieldKind.Number16, FieldKind.Number8, FieldKind.Algorithm, FieldKind.Base64),
        Row(RecordType.Dhcid, "DHCID", FieldKind.Base64),
        Row(RecordType.Nsec3, "NSEC3", FieldKind.Number8, FieldKind.Number8, FieldKind.Number16, FieldKind.Salt, FieldKind.HashedName, FieldKind.TypeBitmap),
        Row(RecordType.Nsec3Param, "NSEC3PARAM", FieldKind.Number8, FieldKind.Number8, FieldKind.Number16, FieldKind.Salt),
        Row(RecordType.Tlsa, "TLSA", FieldKind.Number8, FieldKind.Number8, FieldKind.Number8, FieldKind.Hex),
        Row(RecordType.Smimea, "SMIMEA", FieldKind.Number8, FieldKind.Number8, FieldKind.Number8, FieldKind.Hex),
        Row(RecordType.Hip, "HIP", FieldKind.HostIdentity),
        Row(RecordType.Ninfo, "NINFO", FieldKind.Texts),
        Row(RecordType.Rkey, "RKEY", FieldKind.Number16, FieldKind.Number8, FieldKind.Algorithm, FieldKind.Base64),
        Row(RecordType.Talink, "TALINK", FieldKind.Name, FieldKind.Name),
        Row(RecordType.Cds, "CDS", FieldKind.Number16, FieldKind.Algorithm, FieldKind.Number8, FieldKind.Hex),
        Row(RecordType.Cdnskey, "CDNSKEY", FieldKind.Number16, FieldKind.Number8, FieldKind.Algorithm, FieldKind.Base64),
        Row(RecordType.OpenPgpKey, "OPENPGPKEY", FieldKind.Base64),
        Row(RecordType.Csync, "CSYNC", FieldKind.Number32, FieldKind.Number16, FieldKind.TypeBitmap),
        Row(RecordType.ZoneMd, "ZONEMD", FieldKind.Number32, FieldKind.Number8, FieldKind.Number8, FieldKind.Hex),
        Row(RecordType.Svcb, "SVCB", FieldKind.Number16, FieldKind.Name, FieldKind.ServiceParameters),
        Row(RecordType.Https, "HTTPS", FieldKind.Number16, FieldKind.Name, FieldKind.ServiceParameters),
        Row(RecordType.Dsync, "DSYNC", FieldKind.TypeName, FieldKind.Scheme, FieldKind.Number16, FieldKind.Name),
        Row(RecordType.Hhit, "HHIT", FieldKind.Base64),
        Row(RecordType.Brid, "BRID", FieldKind.Base64),
        Row(RecordType.Spf, "SPF", FieldKind.Texts),
        Row(RecordType.Nid, "NID", FieldKind.Number16, FieldKind.Groups64),
        Row(RecordType.L32, "L32", FieldKind.Number16, FieldKind.Address4),
        Row(RecordType.L64, "L64", FieldKind.Number16, FieldKind.Groups64),
        Row(RecordType.Lp, "LP", FieldKind.Number16, FieldKind.Name),
        Row(RecordType.Eui48, "EUI48", FieldKind.Mac48),
        Row(RecordType.Eui64, "EUI64", FieldKind.Mac64),
        Row(RecordType.Tkey, "TKEY", FieldKind.Opaque),
        Row(RecordType.Tsig, "TSIG", FieldKind.Opaque),
        Row(RecordType.Ixfr, "IXFR", FieldKind.Opaque),
        Row(RecordType.Axfr, "AXFR", FieldKind.Opaque),
        Row(RecordType.Mailb, "MAILB", FieldKind.Opaque),
        Row(RecordType.Maila, "MAILA", FieldKind.Opaque),
        Row(RecordType.Any, "ANY", FieldKind.Opaque),
        Row(RecordType.Uri, "URI", FieldKind.Number16, FieldKind.Number16, FieldKind.LongText),
        Row(RecordType.Caa, "CAA", FieldKind.Number8, FieldKind.Tag, FieldKind.LongText),
        Row(RecordType.Avc, "AVC", FieldKind.Texts),
        Row(RecordType.Doa, "DOA", FieldKind.Number32, FieldKind.Number32, FieldKind.Number8, FieldKind.Text, FieldKind.Base64OrNone),
        Row(RecordType.AmtRelay, "AMTRELAY", FieldKind.Number8, FieldKind.Relay),
        Row(RecordType.ResInfo, "RESINFO", FieldKind.Texts),
        Row(RecordType.Wallet, "WALLET", FieldKind.Texts),
        Row(RecordType.Ta, "TA", FieldKind.Number16, FieldKind.Algorithm, FieldKind.Number8, FieldKind.Hex),
        Row(RecordType.Dlv, "DLV", FieldKind.Number16, FieldKind.Algorithm, FieldKind.Number8, FieldKind.Hex),
    ];

    private static readonly FrozenDictionary<RecordType, RecordSchema> _byType = _rows.ToFrozenDictionary(row => row.Type);
    private static readonly FrozenDictionary<string, RecordType> _byName = _rows.ToFrozenDictionary(row => row.Name, row => row.Type, StringComparer.OrdinalIgnoreCase);
    private static readonly FieldKind[] _opaque = [FieldKind.Opaque];
    private static readonly bool[] _plain = PlainTypes();

    private RecordSchema(RecordType type, string name, FieldKind[] fields)
    {
        Type = type;
        Name = name;
        Fields = fields;
    }

    /// <summary>The type.</summary>
    internal RecordType Type { get; }

    /// <summary>How zone files call it.</summary>
    internal string Name { get; }

    /// <summary>The fields of its data.</summary>
    internal FieldKind[] Fields { get; }

    /// <summary>Whether the data is only known as bytes.</summary>
    internal bool IsOpaque => Fields[0] == FieldKind.Opaque;

    /// <summary>The fields of a type's data.</summary>
    internal static FieldKind[] FieldsOf(RecordType type) => _byType.TryGetValue(type, out var row) ? row.Fields : _opaque;

    /// <summary>How zone files call a type: its mnemonic, or <c>TYPE65280</c>.</summary>
    internal static string NameOf(RecordType type) =>
        _byType.TryGetValue(type, out var row) ? row.Name : string.Create(CultureInfo.InvariantCulture, $"TYPE{(ushort)type}");

    /// <summary>Finds a type by what zone files call it.</summary>
    internal static bool TryFind(ReadOnlySpan<char> name, out RecordType type)
    {
        if (_byName.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out type))
            return true;
        if (!name.StartsWith("TYPE", StringComparison.OrdinalIgnoreCase) || !ushort.TryParse(name[4..], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return false;
        type = (RecordType)number;
        return true;
    }

    /// <summary>Whether questions may ask for it but no zone may hold it (RFC 6895, 3.1).</summary>
    internal static bool IsMeta(RecordType type) => type is RecordType.None or RecordType.Opt || (ushort)type is >= 128 and <= 255;

    /// <summary>
    /// Whether a type may be at a name that is an alias: the alias itself, and the keys, signatures and proofs of the name (RFC 2181, 10.1; RFC 4035, 2.5;
    /// RFC 3007, 3.1.2). Whatever takes records judges by this one rule, so that none takes what another refuses.
    /// </summary>
    internal static bool MayStandBesideAlias(RecordType type) =>
        type is RecordType.Cname or RecordType.Rrsig or RecordType.Nsec or RecordType.Nsec3 or RecordType.Key or RecordType.Sig or RecordType.Nxt;

    /// <summary>Whether a record means nothing but its data, in which there are no names and nothing is judged: an address, a text.</summary>
    internal static bool IsPlain(RecordType type) => (ushort)type >= _plain.Length ? !RecordCheck.Judges(type) : _plain[(ushort)type];

    // DS is judged beside NS too, because it says something of a delegation.
    private static bool[] PlainTypes()
    {
        var plain = new bool[1 << 10];
        for (var type = 0; type < plain.Length; type++)
            plain[type] = !RecordCheck.Judges((RecordType)type) && !Array.Exists(FieldsOf((RecordType)type), FieldWire.IsName);
        return plain;
    }

    private static RecordSchema Row(RecordType type, string name, params FieldKind[] fields) => new(type, name, fields);
}
