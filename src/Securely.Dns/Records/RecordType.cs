using System.Diagnostics.CodeAnalysis;

namespace Securely.Dns.Records;

/// <summary>What a record says, or what a question asks for. Any 16-bit number is allowed; those without a name here are kept as bytes (RFC 3597).</summary>
[SuppressMessage("Naming", "CA1720", Justification = "PTR is the record's name, whatever a language calls so.")]
public enum RecordType : ushort
{
    /// <summary>No type; stands for all types in a signature of a transaction.</summary>
    None = 0,

    /// <summary>An IPv4 address (RFC 1035).</summary>
    A = 1,

    /// <summary>A name server of a zone (RFC 1035).</summary>
    Ns = 2,

    /// <summary>A mail destination, obsolete (RFC 1035).</summary>
    Md = 3,

    /// <summary>A mail forwarder, obsolete (RFC 1035).</summary>
    Mf = 4,

    /// <summary>Another name of the owner (RFC 1035).</summary>
    Cname = 5,

    /// <summary>The start of a zone (RFC 1035).</summary>
    Soa = 6,

    /// <summary>A mailbox (RFC 1035).</summary>
    Mb = 7,

    /// <summary>A mail group (RFC 1035).</summary>
    Mg = 8,

    /// <summary>A renamed mailbox (RFC 1035).</summary>
    Mr = 9,

    /// <summary>Any bytes (RFC 1035).</summary>
    Null = 10,

    /// <summary>Well known services (RFC 1035).</summary>
    Wks = 11,

    /// <summary>A pointer to a name (RFC 1035).</summary>
    Ptr = 12,

    /// <summary>Kind of host (RFC 1035, RFC 8482).</summary>
    Hinfo = 13,

    /// <summary>Mailbox information (RFC 1035).</summary>
    Minfo = 14,

    /// <summary>A mail exchange (RFC 1035).</summary>
    Mx = 15,

    /// <summary>Texts (RFC 1035).</summary>
    Txt = 16,

    /// <summary>A responsible person (RFC 1183).</summary>
    Rp = 17,

    /// <summary>An AFS server (RFC 1183).</summary>
    Afsdb = 18,

    /// <summary>An X.25 address (RFC 1183).</summary>
    X25 = 19,

    /// <summary>An ISDN address (RFC 1183).</summary>
    Isdn = 20,

    /// <summary>A route through another host (RFC 1183).</summary>
    Rt = 21,

    /// <summary>An address of OSI (RFC 1706).</summary>
    Nsap = 22,

    /// <summary>The name of an address of OSI (RFC 1706).</summary>
    NsapPtr = 23,

    /// <summary>A signature of a transaction (RFC 2931).</summary>
    Sig = 24,

    /// <summary>A key of SIG(0) (RFC 2535).</summary>
    Key = 25,

    /// <summary>An X.400 mapping (RFC 2163).</summary>
    Px = 26,

    /// <summary>A position as texts (RFC 1712).</summary>
    Gpos = 27,

    /// <summary>An IPv6 address (RFC 3596).</summary>
    Aaaa = 28,

    /// <summary>A position (RFC 1876).</summary>
    Loc = 29,

    /// <summary>The next name, as it was proven before NSEC (RFC 2535).</summary>
    Nxt = 30,

    /// <summary>An end point of Nimrod.</summary>
    Eid = 31,

    /// <summary>A locator of Nimrod.</summary>
    Nimloc = 32,

    /// <summary>A service and where it runs (RFC 2782).</summary>
    Srv = 33,

    /// <summary>A rule that rewrites a name (RFC 3403).</summary>
    Naptr = 35,

    /// <summary>A key exchanger (RFC 2230).</summary>
    Kx = 36,

    /// <summary>A certificate (RFC 4398).</summary>
    Cert = 37,

    /// <summary>A part of an IPv6 address and where the rest is, obsolete (RFC 6563).</summary>
    A6 = 38,

    /// <summary>Another name of the whole tree below the owner (RFC 6672).</summary>
    Dname = 39,

    /// <summary>Anything in any coding.</summary>
    Sink = 40,

    /// <summary>EDNS, in messages only (RFC 6891).</summary>
    Opt = 41,

    /// <summary>Lists of address ranges (RFC 3123).</summary>
    Apl = 42,

    /// <summary>The digest of a child's key (RFC 4034).</summary>
    Ds = 43,

    /// <summary>The fingerprint of an SSH key (RFC 4255).</summary>
    Sshfp = 44,

    /// <summary>A key of IPsec (RFC 4025).</summary>
    Ipseckey = 45,

    /// <summary>A signature of a record set (RFC 4034).</summary>
    Rrsig = 46,

    /// <summary>The next name of a zone (RFC 4034).</summary>
    Nsec = 47,

    /// <summary>A key of a zone (RFC 4034).</summary>
    Dnskey = 48,

    /// <summary>The identity of a DHCP client (RFC 4701).</summary>
    Dhcid = 49,

    /// <summary>The next hashed name of a zone (RFC 5155).</summary>
    Nsec3 = 50,

    /// <summary>How names are hashed (RFC 5155).</summary>
    Nsec3Param = 51,

    /// <summary>A certificate of TLS (RFC 6698).</summary>
    Tlsa = 52,

    /// <summary>A certificate of S/MIME (RFC 8162).</summary>
    Smimea = 53,

    /// <summary>A host identity (RFC 8005).</summary>
    Hip = 55,

    /// <summary>The state of a zone.</summary>
    Ninfo = 56,

    /// <summary>A key that records are encrypted with.</summary>
    Rkey = 57,

    /// <summary>A link between trust anchors.</summary>
    Talink = 58,

    /// <summary>The DS that a child wants (RFC 7344).</summary>
    Cds = 59,

    /// <summary>The DNSKEY that a child wants a DS of (RFC 7344).</summary>
    Cdnskey = 60,

    /// <summary>A key of OpenPGP (RFC 7929).</summary>
    OpenPgpKey = 61,

    /// <summary>What a parent shall copy from a child (RFC 7477).</summary>
    Csync = 62,

    /// <summary>The digest of a zone (RFC 8976).</summary>
    ZoneMd = 63,

    /// <summary>Where and how a service is reached (RFC 9460).</summary>
    Svcb = 64,

    /// <summary>Where and how an origin is reached (RFC 9460).</summary>
    Https = 65,

    /// <summary>Whom a parent wants to be told of changes (RFC 9859).</summary>
    Dsync = 66,

    /// <summary>A hierarchical host identity of a drone (RFC 9886).</summary>
    Hhit = 67,

    /// <summary>A remote identity of a drone (RFC 9886).</summary>
    Brid = 68,

    /// <summary>Mail senders, obsolete (RFC 7208).</summary>
    Spf = 99,

    /// <summary>A node of ILNP (RFC 6742).</summary>
    Nid = 104,

    /// <summary>A locator of ILNP (RFC 6742).</summary>
    L32 = 105,

    /// <summary>A locator of ILNP (RFC 6742).</summary>
    L64 = 106,

    /// <summary>A name of locators of ILNP (RFC 6742).</summary>
    Lp = 107,

    /// <summary>A MAC address (RFC 7043).</summary>
    Eui48 = 108,

    /// <summary>A MAC address of 64 bits (RFC 7043).</summary>
    Eui64 = 109,

    /// <summary>The making of a key, in messages only (RFC 2930).</summary>
    Tkey = 249,

    /// <summary>The signature of a message (RFC 8945).</summary>
    Tsig = 250,

    /// <summary>Asks for the changes of a zone (RFC 1995).</summary>
    Ixfr = 251,

    /// <summary>Asks for a whole zone (RFC 5936).</summary>
    Axfr = 252,

    /// <summary>Asks for mailboxes, obsolete (RFC 1035).</summary>
    Mailb = 253,

    /// <summary>Asks for mail agents, obsolete (RFC 1035).</summary>
    Maila = 254,

    /// <summary>Asks for any set (RFC 8482).</summary>
    Any = 255,

    /// <summary>A link (RFC 7553).</summary>
    Uri = 256,

    /// <summary>Who may sign certificates (RFC 8659).</summary>
    Caa = 257,

    /// <summary>Texts of an application.</summary>
    Avc = 258,

    /// <summary>A digital object.</summary>
    Doa = 259,

    /// <summary>A relay of multicast (RFC 8777).</summary>
    AmtRelay = 260,

    /// <summary>What a resolver can do (RFC 9606).</summary>
    ResInfo = 261,

    /// <summary>A public address of a wallet.</summary>
    Wallet = 262,

    /// <summary>A trust anchor.</summary>
    Ta = 32768,

    /// <summary>A trust anchor aside of the tree (RFC 4431).</summary>
    Dlv = 32769,
}
