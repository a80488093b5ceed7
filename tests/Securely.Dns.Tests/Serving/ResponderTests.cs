using System.Globalization;
using System.Net;

namespace Securely.Dns.Tests.Serving;

public sealed class ResponderTests
{
    private static readonly Zone Zone = InProcess.Zone("example.test", """
        $TTL 3600
        @ SOA ns1 admin 7 2 3 4 300
        @ NS ns1
        ns1 A 192.0.2.53
        www A 192.0.2.1
        a CNAME b
        b CNAME www
        loop1 CNAME loop2
        loop2 CNAME loop1
        *.wild CNAME x.wild
        deleg NS ns.deleg
        ns.deleg A 192.0.2.54
        deleg DS 1 13 99 ABCD
        dn DNAME target
        x.target A 192.0.2.44
        self DNAME a.self
        long DNAME 1234567890123456789012345678901234567890.1234567890123456789012345678901234567890.1234567890123456789012345678901234567890.1234567890123456789012345678901234567890.1234567890123456789012345678901234567890
        $GENERATE 1-100 many A 192.0.2.$
        $GENERATE 1-40 txt TXT "record $ of a set that is too large for any datagram"
        """);

    [Fact]
    public void A_hit_is_written_byte_by_byte()
    {
        var response = new byte[512];
        var request = Convert.FromHexString("ABCD" + "0120" + "0001000000000000" + "0357777707657861" + "4D706C65047465737400" + "0001" + "0001");
        var length = InProcess.Responder(Zone).Respond(request, response, [192, 0, 2, 9], isStream: false);
        Assert.Equal("ABCD" + "8500" + "0001000100000000" + "03577777076578614D706C65047465737400" + "00010001" + "C00C" + "0001" + "0001" + "00000E10" + "0004" + "C0000201",
            Convert.ToHexString(response.AsSpan(0, length)));
    }

    [Fact]
    public void Names_in_answers_point_to_the_zone_in_the_question()
    {
        var response = new byte[512];
        var request = new DnsMessage { Id = 1, Questions = [new Question(DomainName.Parse("no.example.test"), RecordType.A)] }.Encode();
        var length = InProcess.Responder(Zone).Respond(request, response, [192, 0, 2, 9], isStream: false);
        Assert.Equal("0001" + "8403" + "0001000000010000" + "026E6F076578616D706C65047465737400" + "00010001"
            + "C00F" + "0006" + "0001" + "0000012C" + "0022" + "036E7331C00F" + "0561646D696EC00F" + "00000007" + "00000002" + "00000003" + "00000004" + "0000012C",
            Convert.ToHexString(response.AsSpan(0, length)));
    }

    [Fact]
    public void A_service_whose_target_is_the_root_is_at_its_owner()
    {
        var zone = InProcess.Zone("example.test", "$TTL 60\n@ SOA ns1 admin 7 2 3 4 300\n@ NS ns1\nns1 A 192.0.2.53\n*.w HTTPS 1 .\n*.w A 192.0.2.1\n");
        Assert.Equal("x.w.example.test. 60 IN A 192.0.2.1", Assert.Single(InProcess.Ask(zone, "x.w.example.test", RecordType.Https).Additionals, record => record.Type == RecordType.A).ToString());
    }

    [Theory]
    [InlineData("a.example.test", 3)]
    [InlineData("loop1.example.test", 2)]
    [InlineData("q.wild.example.test", 2)]
    public void Follows_aliases_and_ends_in_a_loop(string name, int answers)
    {
        var answer = InProcess.Ask(Zone, name, RecordType.A);
        Assert.Equal(ResponseCode.Success, answer.Code);
        Assert.Equal(answers, answer.Answers.Count);
        Assert.True(answer.IsAuthoritative);
    }

    [Fact]
    public void A_dname_that_leads_below_itself_ends()
    {
        var answer = InProcess.Ask(Zone, "x.self.example.test", RecordType.A);
        Assert.True(answer.Answers.Count is > 2 and < 80);
    }

    [Fact]
    public void A_dname_that_makes_a_name_too_long_says_so()
    {
        var answer = InProcess.Ask(Zone, "1234567890123456789012345678901234567890.long.example.test", RecordType.A);
        Assert.Equal(ResponseCode.NameExists, answer.Code);
        Assert.Equal(RecordType.Dname, Assert.Single(answer.Answers).Type);
    }

    [Fact]
    public void A_made_alias_keeps_the_case_of_the_question() =>
        Assert.Equal(["dn.example.test. 3600 IN DNAME target.example.test.", "X.dn.example.test. 3600 IN CNAME X.target.example.test.", "X.target.example.test. 3600 IN A 192.0.2.44"],
            InProcess.Ask(Zone, "X.dn.example.test", RecordType.A).Answers.Select(record => record.ToString()));

    [Fact]
    public void A_parent_answers_for_ds_where_both_are_here()
    {
        var catalog = new Catalog();
        catalog.PutAll([Zone, InProcess.Zone("deleg.example.test", "$TTL 1\n@ SOA a b 1 2 3 4 5\n@ NS ns\nns A 192.0.2.54\n")]);
        var responder = new Responder(new ServerState(catalog, new DnsServerOptions(), TimeProvider.System), isLimited: true);
        var question = new DnsMessage { Questions = [new Question(DomainName.Parse("deleg.example.test"), RecordType.Ds)] };
        Assert.Equal("1 13 99 ABCD", Assert.Single(InProcess.Ask(responder, question).Answers).DataText);
    }

    [Fact]
    public void A_client_that_understands_dnssec_gets_the_ds_with_a_referral()
    {
        var question = new DnsMessage { Questions = [new Question(DomainName.Parse("x.deleg.example.test"), RecordType.A)], Edns = new Edns { WantsProof = true } };
        Assert.Equal([RecordType.Ns, RecordType.Ds], InProcess.Ask(InProcess.Responder(Zone), question).Authorities.Select(record => record.Type));
        Assert.Equal([RecordType.Ns], InProcess.Ask(InProcess.Responder(Zone), question with { Edns = new Edns() }).Authorities.Select(record => record.Type));
    }

    [Theory]
    [InlineData(0, 512)]
    [InlineData(512, 512)]
    [InlineData(4096, 1232)]
    public void What_does_not_fit_is_truncated(int payload, int most)
    {
        var question = new DnsMessage { Questions = [new Question(DomainName.Parse("txt.example.test"), RecordType.Txt)], Edns = payload == 0 ? null : new Edns { PayloadSize = (ushort)payload } };
        var response = new byte[4096];
        var length = InProcess.Responder(Zone).Respond(question.Encode(), response, [192, 0, 2, 1], isStream: false);
        Assert.True(length <= most);
        Assert.True(DnsMessage.TryDecode(response.AsSpan(0, length), out var answer));
        Assert.True(answer.IsTruncated);
        Assert.Empty(answer.Answers);
        Assert.Equal(40, InProcess.Ask(Zone, "txt.example.test", RecordType.Txt, isStream: true).Answers.Count);
    }

    [Fact]
    public void A_set_of_a_hundred_addresses_goes_over_a_stream_whole() =>
        Assert.Equal(100, InProcess.Ask(Zone, "many.example.test", RecordType.A, isStream: true).Answers.Count);

    [Fact]
    public void Whoever_may_not_ask_is_refused()
    {
        var responder = InProcess.Responder(Zone, new DnsServerOptions { AllowedNetworks = [IPNetwork.Parse("192.0.2.0/25"), IPNetwork.Parse("2001:db8::/32")] });
        var request = new DnsMessage { Questions = [new Question(DomainName.Parse("www.example.test"), RecordType.A)] }.Encode();
        Assert.Equal(ResponseCode.Success, Code([192, 0, 2, 127]));
        Assert.Equal(ResponseCode.Refused, Code([192, 0, 2, 128]));
        Assert.Equal(ResponseCode.Success, Code([0x20, 1, 0x0D, 0xB8, .. new byte[12]]));
        Assert.Equal(ResponseCode.Refused, Code([0x20, 1, 0x0D, 0xB9, .. new byte[12]]));

        ResponseCode Code(byte[] address)
        {
            var response = new byte[512];
            Assert.True(DnsMessage.TryDecode(response.AsSpan(0, responder.Respond(request, response, address, isStream: false)), out var answer));
            return answer.Code;
        }
    }

    [Fact]
    public void Equal_answers_are_limited_and_some_slip_through_truncated()
    {
        var clock = new ManualTimeProvider();
        var responder = InProcess.Responder(Zone, new DnsServerOptions { ResponsesPerSecond = 5, Slip = 2 }, clock);
        var request = new DnsMessage { Questions = [new Question(DomainName.Parse("www.example.test"), RecordType.A)] }.Encode();
        Assert.Equal("AAAAA-T-T-T", Ask(192, 11));
        Assert.Equal("AAAAA-T", Ask(198, 7));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("A", Ask(192, 1));

        string Ask(byte first, int times) => string.Concat(Enumerable.Range(0, times).Select(i =>
        {
            var response = new byte[512];
            // The last byte does not matter: a network counts as one.
            var length = responder.Respond(request, response, [first, 0, 2, (byte)i], isStream: false);
            return length == 0 ? "-" : (response[2] & 2) != 0 ? "T" : "A";
        }));
    }

    [Fact]
    public void An_answer_allocates_nothing()
    {
        var responder = InProcess.Responder(Zone, new DnsServerOptions { ResponsesPerSecond = 1_000_000, ServerId = "x" });
        var edns = new Edns { WantsProof = true, Options = [new EdnsOption(EdnsOptionCode.Cookie, new byte[8]), new EdnsOption(EdnsOptionCode.Nsid, default)] };
        var requests = ((string, RecordType)[])[("www", RecordType.A), ("no", RecordType.A), ("a", RecordType.A), ("x.dn", RecordType.A), ("x.deleg", RecordType.A), ("www", RecordType.Mx), ("www", RecordType.Any)];
        var bytes = requests.SelectMany(request => new DnsMessage[] { Question(request), Question(request) with { Edns = edns } }).Select(message => message.Encode()).ToArray();
        var response = new byte[4096];
        Run(100);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(1000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        static DnsMessage Question((string Name, RecordType Type) request) => new() { Questions = [new Question(DomainName.Parse(request.Name + ".example.test"), request.Type)] };

        void Run(int rounds)
        {
            for (var i = 0; i < rounds; i++)
            {
                foreach (var request in bytes)
                    responder.Respond(request, response, [192, 0, 2, 1], isStream: false);
            }
        }
    }

    // RFC 9018, appendix A.
    [Theory]
    [InlineData("2464C4ABCF10C957", "C6336464", 1559731985u, "2464C4ABCF10C957010000005CF79F111F8130C3EEE29480")]
    [InlineData("2464C4ABCF10C957", "C6336464", 0x5CF7A871u, "2464C4ABCF10C957010000005CF7A871D4A564A1442ACA77")]
    public void Makes_cookies_as_the_rfc_does(string client, string address, uint now, string expected)
    {
        var cookies = new Cookies(Convert.FromHexString("E5E973E5A6B2A43F48E7DC849E37BFCF"));
        var answer = new byte[24];
        var from = Convert.FromHexString(address);
        Assert.False(cookies.Judge(Convert.FromHexString(client), from, now, answer));
        Assert.Equal(expected, Convert.ToHexString(answer));
        Assert.True(cookies.Judge(Convert.FromHexString(expected), from, now + 60, answer));
        Assert.Equal(expected, Convert.ToHexString(answer));
        Assert.True(cookies.Judge(Convert.FromHexString(expected), from, now + 2000, answer));
        Assert.NotEqual(expected, Convert.ToHexString(answer));
        Assert.False(cookies.Judge(Convert.FromHexString(expected), from, now + 3601, answer));
        Assert.False(cookies.Judge(Convert.FromHexString(expected), from, now - 301, answer));
        Assert.False(cookies.Judge(Convert.FromHexString(expected), [10, 0, 0, 1], now, answer));
    }

    [Fact]
    public void Takes_a_cookie_whose_reserved_bytes_another_server_has_set()
    {
        var cookie = Convert.FromHexString("FC93FC62807DDB8601ABCDEF5CF78F71A314227B6679EBF5");
        Assert.True(new Cookies(Convert.FromHexString("E5E973E5A6B2A43F48E7DC849E37BFCF")).Judge(cookie, [203, 0, 113, 203], 0x5CF78F71, new byte[24]));
    }

    [Fact]
    public void A_client_with_a_foreign_cookie_asks_again_where_that_is_wanted()
    {
        var responder = InProcess.Responder(Zone, new DnsServerOptions { RequiresCookies = true });
        var question = new DnsMessage { Questions = [new Question(DomainName.Parse("www.example.test"), RecordType.A)] };
        var first = InProcess.Ask(responder, question with { Edns = new Edns { Options = [new EdnsOption(EdnsOptionCode.Cookie, new byte[8])] } });
        Assert.Equal(ResponseCode.BadCookie, first.Code);
        Assert.Empty(first.Answers);
        var cookie = first.Edns!.Find(EdnsOptionCode.Cookie)!.Value;
        Assert.Equal(24, cookie.Length);
        var second = InProcess.Ask(responder, question with { Edns = new Edns { Options = [new EdnsOption(EdnsOptionCode.Cookie, cookie)] } });
        Assert.Equal(ResponseCode.Success, second.Code);
        Assert.Equal(ResponseCode.Success, InProcess.Ask(responder, question).Code);
    }

    [Fact]
    public void Many_names_are_found_by_their_hash()
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"$TTL 1\n@ SOA a b 1 2 3 4 5\n@ NS a\na A 192.0.2.1\n$GENERATE 1-60000 h$.x.y A 192.0.2.1\n");
        var zone = InProcess.Zone("big.test", text);
        Assert.Equal(60_003, zone.RecordCount);
        Assert.Equal(ResponseCode.Success, InProcess.Ask(zone, "h59999.x.y.big.test", RecordType.A).Code);
        Assert.Equal(ResponseCode.NoSuchName, InProcess.Ask(zone, "h60001.x.y.big.test", RecordType.A).Code);
        Assert.Equal(ResponseCode.Success, InProcess.Ask(zone, "y.big.test", RecordType.A).Code);
    }
}
