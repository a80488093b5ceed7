namespace Securely.Dns;

/// <summary>The names of codes as everybody writes them.</summary>
public static class ResponseCodeText
{
    /// <summary>The name of a code (RFC 6895, 2.3).</summary>
    /// <param name="code">The code, with the bits that EDNS adds.</param>
    /// <returns><c>NXDOMAIN</c>; <c>RCODE99</c> for one without a name.</returns>
    public static string NameOf(ResponseCode code) => code switch
    {
        ResponseCode.Success => "NOERROR",
        ResponseCode.Malformed => "FORMERR",
        ResponseCode.ServerFailure => "SERVFAIL",
        ResponseCode.NoSuchName => "NXDOMAIN",
        ResponseCode.NotImplemented => "NOTIMP",
        ResponseCode.Refused => "REFUSED",
        ResponseCode.NameExists => "YXDOMAIN",
        ResponseCode.SetExists => "YXRRSET",
        ResponseCode.NoSuchSet => "NXRRSET",
        ResponseCode.NotAuthorized => "NOTAUTH",
        ResponseCode.NotInZone => "NOTZONE",
        ResponseCode.BadVersion => "BADVERS",
        ResponseCode.BadKey => "BADKEY",
        ResponseCode.BadTime => "BADTIME",
        ResponseCode.BadTruncation => "BADTRUNC",
        ResponseCode.BadCookie => "BADCOOKIE",
        _ => string.Create(null, $"RCODE{(int)code}"),
    };
}
