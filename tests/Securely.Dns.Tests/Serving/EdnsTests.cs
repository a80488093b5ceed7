namespace Securely.Dns.Tests.Serving;

/// <summary>Options of EDNS and what answers to them, byte by byte.</summary>
public sealed class EdnsTests
{
    private const string Question = "076578616D706C65047465737400" + "0006" + "0001";
    private const string BareEdns = "00" + "0029" + "04D0" + "00000000" + "0000";
    private static readonly Zone _zone = InProcess.Zone("example.test", "$TTL 60\n@ SOA ns1 admin 7 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.1\n$GENERATE 1-40 txt TXT \"record $ of a set that is large enough for several blocks of padding\"\n");

    [Theory]
    [InlineData("Tls", "example.test", 468)]
    [InlineData("Https", "example.test", 468)]
    [InlineData("Tls", "txt.example.test", 8 * 468)]
    [InlineData("Tcp", "example.test", 87)]
    [InlineData("Udp", "example.test", 87)]
    public void An_answer_to_a_padded_question_is_padded_where_nobody_reads_it(string brought, string name, int size)
    {
        var transport = Enum.Parse<DnsTransport>(brought);
        var question = new DnsMessage { Questions = [new Question(DomainName.Parse(name), name[0] == 't' ? RecordType.Txt : RecordType.Soa)], Edns = new Edns { Options = [new EdnsOption(EdnsOptionCode.Padding, new byte[3])] } };
        var response = new byte[65535];
        response.AsSpan().Fill(0xEE);
        Assert.Equal(size, InProcess.Responder(_zone).Respond(question.Encode(), response, [192, 0, 2, 1], transport));
        Assert.True(DnsMessage.TryDecode(response.AsSpan(0, size), out var answer));
        Assert.Equal(size > 100, answer.Edns!.Find(EdnsOptionCode.Padding) is { } padding && padding.Span.IndexOfAnyExcept((byte)0) < 0);
        var plain = InProcess.Responder(_zone).Respond((question with { Edns = new Edns() }).Encode(), response, [192, 0, 2, 1], transport);
        Assert.NotEqual(0, plain % 468);
    }

    [Theory]
    [InlineData("hmac-sha256", true)]
    [InlineData("hmac-sha512", true)]
    [InlineData("hmac-sha256", false)]
    public void A_signed_answer_is_padded_with_its_signature(string algorithm, bool isKnown)
    {
        var key = new TsigKey(DomainName.Parse("k"), algorithm, "secret"u8);
        var question = new DnsMessage { Questions = [new Question(DomainName.Parse("example.test"), RecordType.Soa)], Edns = new Edns { Options = [new EdnsOption(EdnsOptionCode.Padding, default)] } };
        using var exchange = new TsigExchange(key, TimeProvider.System);
        var request = exchange.Sign(question.Encode());
        var responder = InProcess.Responder(_zone, new DnsServerOptions { Keys = isKnown ? [key] : [] });
        Assert.Equal(468, responder.Respond(request, new byte[65535], [192, 0, 2, 1], DnsTransport.Tls));
    }

    [Fact]
    public void Padding_goes_no_further_than_there_is_room()
    {
        var question = new DnsMessage { Questions = [new Question(DomainName.Parse("example.test"), RecordType.Soa)], Edns = new Edns { Options = [new EdnsOption(EdnsOptionCode.Padding, default)] } };
        Assert.Equal(400, InProcess.Responder(_zone).Respond(question.Encode(), new byte[400], [192, 0, 2, 1], DnsTransport.Tls));
    }

    [Fact]
    public void Only_the_first_cookie_counts()
    {
        var first = "000A" + "0008" + "0102030405060708";
        // What follows is not even looked at.
        var answer = Ask(InProcess.Responder(_zone), "0001000000000001" + Question + "00" + "0029" + "04D0" + "00000000" + "001D" + first + "000A" + "0008" + "1112131415161718" + "000A" + "0001" + "FF");
        Assert.StartsWith("0102030405060708", Cookie(answer), StringComparison.Ordinal);
    }

    [Fact]
    public void A_question_for_a_cookie_alone_gets_one()
    {
        var responder = InProcess.Responder(_zone, new DnsServerOptions { RequiresCookies = true });
        var first = Ask(responder, "0000000000000001" + "00" + "0029" + "04D0" + "00000000" + "000C" + "000A" + "0008" + "0102030405060708");
        Assert.Equal((ResponseCode.Success, 0, 0), (first.Code, first.Questions.Count, first.Answers.Count));
        var cookie = Cookie(first);
        Assert.Equal(48, cookie.Length);
        Assert.Equal(ResponseCode.Success, Ask(responder, "0000000000000001" + "00" + "0029" + "04D0" + "00000000" + "001C" + "000A" + "0018" + cookie).Code);
        var wrong = Ask(responder, "0000000000000001" + "00" + "0029" + "04D0" + "00000000" + "001C" + "000A" + "0018" + cookie[..^2] + (cookie[^2..] == "00" ? "01" : "00"));
        Assert.Equal(ResponseCode.BadCookie, wrong.Code);
        Assert.Equal(48, Cookie(wrong).Length);
    }

    [Theory]
    [InlineData("1234" + "1000" + "0001000000000001" + Question + BareEdns, "1234" + "9004" + "0000000000000001" + BareEdns)]
    [InlineData("1234" + "7800" + "0001000000000000" + Question, "1234" + "F804" + "0000000000000000")]
    [InlineData("1234" + "0000" + "0002000000000001" + Question + Question + BareEdns, "1234" + "8001" + "0000000000000001" + BareEdns)]
    [InlineData("1234" + "0000" + "0000000000000001" + BareEdns, "1234" + "8001" + "0000000000000001" + BareEdns)]
    [InlineData("1234" + "0000" + "0001000000000001" + Question + "00" + "0029" + "04D0" + "00000000" + "0004" + "0003", "1234" + "8001" + "0000000000000000")]
    [InlineData("1234" + "0000" + "0001000000000001" + Question + "00" + "0029" + "04D0" + "00000000" + "0004" + "000A0000", "1234" + "8001" + "0000000000000001" + BareEdns)]
    public void A_refusal_to_read_on_says_whether_the_server_has_edns(string request, string expected)
    {
        foreach (var isStream in (bool[])[false, true])
        {
            var response = new byte[1232];
            Assert.Equal(expected, Convert.ToHexString(response.AsSpan(0, InProcess.Responder(_zone).Respond(Convert.FromHexString(request), response, [192, 0, 2, 1], isStream))));
        }
    }

    [Theory]
    [InlineData("00FF", "00000000", ResponseCode.NotAuthorized)]
    [InlineData("0001", "00000000", ResponseCode.Malformed)]
    [InlineData("00FF", "00000001", ResponseCode.Malformed)]
    public void A_signature_is_of_class_any_and_is_not_kept(string recordClass, string ttl, ResponseCode code)
    {
        var answer = Ask(InProcess.Responder(_zone), "0001000000000001" + Question + "016B00" + "00FA" + recordClass + ttl + "001D" + "0B686D61632D73686132353600" + "000000000000" + "012C" + "0000" + "1234" + "0000" + "0000");
        Assert.Equal(code, answer.Code);
    }

    private static DnsMessage Ask(Responder responder, string hex)
    {
        var response = new byte[1232];
        Assert.True(DnsMessage.TryDecode(response.AsSpan(0, responder.Respond(Convert.FromHexString("1234" + "0000" + hex), response, [192, 0, 2, 1], isStream: false)), out var answer));
        return answer;
    }

    private static string Cookie(DnsMessage message) => Convert.ToHexString(message.Edns!.Find(EdnsOptionCode.Cookie)!.Value.Span);
}
