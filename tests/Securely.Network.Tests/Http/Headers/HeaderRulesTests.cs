using Securely.Http;

namespace Securely.Network.Tests.Http.Headers;

public sealed class HeaderRulesTests
{
    [Theory]
    [InlineData("Host: a|Accept: b", "Host: a|Accept: b")]
    [InlineData("Connection: keep-alive|Keep-Alive: timeout=5|Host: a", "Host: a")]
    [InlineData("Proxy-Connection: keep-alive|Proxy-Authenticate: x|Proxy-Authorization: y|Trailer: z|TE: x|A: b", "A: b")]
    [InlineData("Upgrade: websocket|Connection: upgrade|A: b", "A: b")]
    [InlineData("TE: gzip|Transfer-Encoding: chunked|A: b", "A: b")]
    [InlineData("Connection: TE|TE: gzip;q=0.5, Trailers|A: b", "A: b|TE: trailers")]
    [InlineData("X-User: 1|Connection: close, x-user , X-Other|A: b|x-other: 2|X-USER: 3", "A: b")]
    [InlineData("Connection: X-One|X-One: 1|Connection: X-Two|X-Two: 2|A: b", "A: b")]
    [InlineData("Connection: cookie, dnt|Cookie: c|DNT: 1|A: b", "A: b")]
    [InlineData("Connection: ,, x y,|A: b", "A: b")]
    public void Removes_what_belongs_to_one_connection(string fields, string expected) =>
        Assert.Equal(expected, Apply(fields, keepUpgrade: false));

    [Fact]
    public void What_is_protected_cannot_be_nominated()
    {
        const string Fields = "Host: a|Content-Length: 5|Authorization: x|Forwarded: for=1|X-Forwarded-For: 1|X-Forwarded-Host: h"
            + "|X-Forwarded-Proto: p|X-Forwarded-Port: 1|X-Forwarded-Anything: y";
        Assert.Equal(
            Fields,
            Apply(
                Fields + "|Connection: host, content-length, AUTHORIZATION, Forwarded, X-Forwarded-For, X-Forwarded-Host,X-Forwarded-Proto,"
                + "X-Forwarded-Port, x-forwarded-anything, close",
                keepUpgrade: false));
    }

    [Fact]
    public void A_real_upgrade_keeps_its_protocol() =>
        Assert.Equal("Upgrade: websocket|A: b", Apply("Connection: Upgrade|Upgrade: websocket|Keep-Alive: x|A: b", keepUpgrade: true));

    private static string Apply(string fields, bool keepUpgrade)
    {
        var map = new HeaderMap();
        foreach (string field in fields.Split('|'))
        {
            int colon = field.IndexOf(':', StringComparison.Ordinal);
            map.Append(field[..colon], field[(colon + 1)..]);
        }

        HeaderRules.RemoveHopByHop(map, keepUpgrade);
        return map.ToString().TrimEnd().Replace("\r\n", "|", StringComparison.Ordinal);
    }
}
