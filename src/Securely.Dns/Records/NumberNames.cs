using System.Globalization;

namespace Securely.Dns.Records;

/// <summary>Numbers that zone files may name.</summary>
internal static class NumberNames
{
    private const string Notify = "NOTIFY";

    private static readonly Dictionary<string, byte> _algorithms = new(StringComparer.OrdinalIgnoreCase)
    {
        ["RSAMD5"] = 1,
        ["DH"] = 2,
        ["DSA"] = 3,
        ["RSASHA1"] = 5,
        ["NSEC3DSA"] = 6,
        ["DSA-NSEC3-SHA1"] = 6,
        ["NSEC3RSASHA1"] = 7,
        ["RSASHA1-NSEC3-SHA1"] = 7,
        ["RSASHA256"] = 8,
        ["RSASHA512"] = 10,
        ["ECCGOST"] = 12,
        ["ECC-GOST"] = 12,
        ["ECDSAP256SHA256"] = 13,
        ["ECDSAP384SHA384"] = 14,
        ["ED25519"] = 15,
        ["ED448"] = 16,
        ["INDIRECT"] = 252,
        ["PRIVATEDNS"] = 253,
        ["PRIVATEOID"] = 254,
    };

    private static readonly Dictionary<string, ushort> _certificates = new(StringComparer.OrdinalIgnoreCase)
    {
        ["PKIX"] = 1,
        ["SPKI"] = 2,
        ["PGP"] = 3,
        ["IPKIX"] = 4,
        ["ISPKI"] = 5,
        ["IPGP"] = 6,
        ["ACPKIX"] = 7,
        ["IACPKIX"] = 8,
        ["URI"] = 253,
        ["OID"] = 254,
    };

    // Of the services that were there when WKS was in use, and of those that are known to everybody.
    private static readonly Dictionary<string, ushort> _services = new(StringComparer.OrdinalIgnoreCase)
    {
        ["echo"] = 7,
        ["discard"] = 9,
        ["systat"] = 11,
        ["daytime"] = 13,
        ["netstat"] = 15,
        ["chargen"] = 19,
        ["ftp-data"] = 20,
        ["ftp"] = 21,
        ["ssh"] = 22,
        ["telnet"] = 23,
        ["smtp"] = 25,
        ["time"] = 37,
        ["whois"] = 43,
        ["domain"] = 53,
        ["tftp"] = 69,
        ["gopher"] = 70,
        ["finger"] = 79,
        ["http"] = 80,
        ["kerberos"] = 88,
        ["pop3"] = 110,
        ["sunrpc"] = 111,
        ["nntp"] = 119,
        ["ntp"] = 123,
        ["imap"] = 143,
        ["imap2"] = 143,
        ["snmp"] = 161,
        ["bgp"] = 179,
        ["irc"] = 194,
        ["ldap"] = 389,
        ["https"] = 443,
        ["exec"] = 512,
        ["login"] = 513,
        ["shell"] = 514,
        ["printer"] = 515,
    };

    /// <summary>An algorithm of DNSSEC, by number or name.</summary>
    internal static bool TryFindAlgorithm(ReadOnlySpan<char> word, out byte number) =>
        byte.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out number) || _algorithms.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(word, out number);

    /// <summary>A kind of certificate, by number or name (RFC 4398, 2.1).</summary>
    internal static bool TryFindCertificate(ReadOnlySpan<char> word, out ushort number) =>
        ushort.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out number) || _certificates.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(word, out number);

    /// <summary>A protocol over IP, by number or name.</summary>
    internal static bool TryFindProtocol(ReadOnlySpan<char> word, out byte number)
    {
        if (byte.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out number))
            return true;
        number = word.Equals("TCP", StringComparison.OrdinalIgnoreCase) ? (byte)6 : word.Equals("UDP", StringComparison.OrdinalIgnoreCase) ? (byte)17 : (byte)0;
        return number > 0;
    }

    /// <summary>A port, by number or by the name of its service.</summary>
    internal static bool TryFindService(ReadOnlySpan<char> word, out ushort number) =>
        ushort.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out number) || _services.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(word, out number);

    /// <summary>A way to tell of a change, by number or name (RFC 9859, 2.1).</summary>
    internal static bool TryFindScheme(ReadOnlySpan<char> word, out byte number)
    {
        if (byte.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out number))
            return true;
        number = word.Equals(Notify, StringComparison.OrdinalIgnoreCase) ? (byte)1 : (byte)0;
        return number > 0;
    }

    /// <summary>How zone files call a way to tell of a change.</summary>
    internal static string SchemeName(byte number) => number == 1 ? Notify : number.ToString(CultureInfo.InvariantCulture);
}
