namespace Securely.Dns;

/// <summary>How a question was answered (RFC 6895, 2.3). The lower four bits are in the header, the rest in EDNS; some stand in TSIG only.</summary>
public enum ResponseCode : ushort
{
    /// <summary>NOERROR.</summary>
    Success = 0,

    /// <summary>FORMERR: the message is malformed.</summary>
    Malformed = 1,

    /// <summary>SERVFAIL: the server cannot answer now.</summary>
    ServerFailure = 2,

    /// <summary>NXDOMAIN: the name does not exist.</summary>
    NoSuchName = 3,

    /// <summary>NOTIMP: the server does not do that.</summary>
    NotImplemented = 4,

    /// <summary>REFUSED: the server does not do that for this client.</summary>
    Refused = 5,

    /// <summary>YXDOMAIN: a name exists that should not, or one that was made is too long (RFC 2136, RFC 6672).</summary>
    NameExists = 6,

    /// <summary>YXRRSET: a set exists that should not (RFC 2136).</summary>
    SetExists = 7,

    /// <summary>NXRRSET: a set does not exist that should (RFC 2136).</summary>
    NoSuchSet = 8,

    /// <summary>NOTAUTH: the server has no authority for the zone, or the signature is not good (RFC 2136, RFC 8945).</summary>
    NotAuthorized = 9,

    /// <summary>NOTZONE: a name is not in the zone (RFC 2136).</summary>
    NotInZone = 10,

    /// <summary>BADVERS: the version of EDNS is not known (RFC 6891); BADSIG in TSIG: the signature is wrong (RFC 8945).</summary>
    BadVersion = 16,

    /// <summary>BADKEY in TSIG: the key is not known (RFC 8945).</summary>
    BadKey = 17,

    /// <summary>BADTIME in TSIG: the clocks differ too much (RFC 8945).</summary>
    BadTime = 18,

    /// <summary>BADTRUNC in TSIG: the signature is too short (RFC 8945).</summary>
    BadTruncation = 22,

    /// <summary>BADCOOKIE: ask again with the server's cookie (RFC 7873).</summary>
    BadCookie = 23,
}
