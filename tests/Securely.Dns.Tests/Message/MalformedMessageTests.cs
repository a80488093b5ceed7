namespace Securely.Dns.Tests.Message;

/// <summary>Requests that no client sends by mistake: checks 46 to 50 of the specification, and what is near them.</summary>
public sealed class MalformedMessageTests
{
    private const string Question = "076578616D706C65047465737400" + "0006" + "0001";
    private static readonly Zone Zone = InProcess.Zone("example.test", "$TTL 60\n@ SOA ns1 admin 7 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.1\n");

    [Theory]
    [InlineData("")]
    [InlineData("1234010000010000000000")]
    [InlineData("1234810000010000000000" + "00" + Question)]
    public void Says_nothing_to_what_is_no_request(string hex) => Assert.Equal("", Ask(hex));

    [Theory]
    [InlineData("1234" + "0000" + "0001000000000000")]
    [InlineData("1234" + "0000" + "0001000000000000" + "076578616D")]
    [InlineData("1234" + "0000" + "0001000000000000" + "076578616D706C65047465737400" + "0006")]
    [InlineData("1234" + "0000" + "0002000000000000" + Question + Question)]
    [InlineData("1234" + "0000" + "0000000000000000")]
    [InlineData("1234" + "0000" + "0001000000000000" + "C00C" + "0006" + "0001")]
    [InlineData("1234" + "0000" + "0001000000000000" + "C020" + "0006" + "0001")]
    [InlineData("1234" + "0000" + "0001000000000000" + "4161" + "00" + "0006" + "0001")]
    [InlineData("1234" + "0000" + "0001000000000000" + Question + "FF")]
    [InlineData("1234" + "0000" + "0001000100000000" + Question)]
    [InlineData("1234" + "0000" + "000100000000FFFF" + Question)]
    [InlineData("1234" + "0000" + "0001000000000001" + Question + "0000291000000000000004" + "0003")]
    [InlineData("1234" + "0000" + "0001000000000001" + Question + "0161000029100000000000" + "0000")]
    public void Answers_with_a_header_alone_what_is_malformed(string hex) => Assert.Equal("1234" + "8001" + "0000000000000000", Ask(hex));

    [Theory]
    [InlineData("1234" + "0000" + "0001000000000002" + Question + "0000291000000000000000" + "0000291000000000000000")]
    [InlineData("1234" + "0000" + "0001000000000001" + Question + "0000291000000000000004" + "00030005")]
    [InlineData("1234" + "0000" + "0001000000000001" + Question + "0000291000000000000005" + "000A000100")]
    public void Says_besides_that_it_knows_edns_where_the_client_does(string hex) => Assert.Equal("1234" + "8001" + "0000000000000001" + "00" + "0029" + "04D0" + "00000000" + "0000", Ask(hex));

    [Fact]
    public void A_name_of_256_bytes_is_malformed()
    {
        var label = "3F" + string.Concat(Enumerable.Repeat("61", 63));
        Assert.Equal("1234" + "8001" + "0000000000000000", Ask("1234" + "0000" + "0001000000000000" + label + label + label + label + "00" + "0001" + "0001"));
    }

    [Theory]
    [InlineData("1234" + "1000" + "0001000000000000" + Question, "1234" + "9004" + "0000000000000000")]
    [InlineData("1234" + "7800" + "0001000000000000" + Question, "1234" + "F804" + "0000000000000000")]
    [InlineData("1234" + "3000" + "0001000000000000" + Question, "1234" + "B004" + "0000000000000000")]
    public void Other_operations_are_not_implemented(string hex, string expected) => Assert.Equal(expected, Ask(hex));

    [Fact]
    public void An_update_without_a_signature_is_refused() =>
        Assert.Equal("1234" + "A805" + "0001000000000000" + Question, Ask("1234" + "2800" + "0001000000000000" + Question));

    [Fact]
    public void A_signature_with_an_unknown_key_is_told_so_without_one()
    {
        // hmac-sha256, time 0, fudge 300, no MAC, original id, error 0, no other data.
        const string Tsig = "016B00" + "00FA" + "00FF" + "00000000" + "001D" + "0B686D61632D73686132353600" + "000000000000" + "012C" + "0000" + "1234" + "0000" + "0000";
        var answer = Ask("1234" + "0000" + "0001000000000001" + Question + Tsig);
        Assert.Equal("1234" + "8009" + "0001000000000001" + Question + "016B00" + "00FA" + "00FF" + "00000000" + "001D" + "0B686D61632D73686132353600", answer[..^32]);
        Assert.Equal("012C" + "0000" + "1234" + "0011" + "0000", answer[^20..]);
    }

    private static string Ask(string hex)
    {
        var response = new byte[4096];
        var length = InProcess.Responder(Zone).Respond(Convert.FromHexString(hex), response, [192, 0, 2, 1], isStream: false);
        return Convert.ToHexString(response.AsSpan(0, length));
    }
}
