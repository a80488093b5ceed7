namespace Securely.Dns.Tests.Serving;

/// <summary>Answers that anybody can ask for under countless names count as one.</summary>
public sealed class RateLimitTests
{
    private static readonly Zone _zone = InProcess.Zone("z", """
        $TTL 60
        @ SOA a h 1 2 3 4 5
        @ NS a
        www A 192.0.2.1
        mail A 192.0.2.2
        *.w A 192.0.2.3
        *.t TXT wild
        d NS a
        dn DNAME w
        """);

    [Theory]
    [InlineData("", RecordType.A)]
    [InlineData("x.y.", RecordType.A)]
    [InlineData("w.", RecordType.A)]
    [InlineData("t.", RecordType.A)]
    [InlineData("d.", RecordType.A)]
    [InlineData("dn.", RecordType.A)]
    public void Names_that_one_record_answers_are_limited_as_one(string below, RecordType type) =>
        Assert.Equal("AAA-------", Flood(i => ($"r{i}.{below}z", type)));

    [Fact]
    public void Types_that_a_name_does_not_have_are_limited_as_one() =>
        Assert.Equal("AAA-------", Flood(i => ("www.z", (RecordType)(1000 + i))));

    [Fact]
    public void Names_that_are_there_are_limited_each_for_itself()
    {
        Assert.Equal("AAAAAA----", Flood(i => (i % 2 == 0 ? "www.z" : "mail.z", RecordType.A)));
        Assert.Equal("AAAAAA----", Flood(i => (i % 2 == 0 ? "www.z" : "mail.z", RecordType.Mx)));
    }

    [Fact]
    public async Task A_client_of_one_flow_has_the_whole_number()
    {
        await using var server = await RunningNameServer.StartAsync(new DnsServerOptions { ResponsesPerSecond = 20, Slip = 0 }, new ManualTimeProvider(), _zone);
        using var client = new System.Net.Sockets.UdpClient(System.Net.Sockets.AddressFamily.InterNetwork);
        client.Connect(server.EndPoint);
        var token = TestContext.Current.CancellationToken;
        for (ushort i = 1; i <= 20; i++)
        {
            await client.SendAsync(new DnsMessage { Id = i, Questions = [new Question(DomainName.Parse("www.z"), RecordType.A)] }.Encode(), token);
            var answer = (await client.ReceiveAsync(token)).Buffer;
            Assert.Equal(i, (answer[0] << 8) | answer[1]);
        }

        // The next one is dropped, so that the answer to another question comes first.
        await client.SendAsync(new DnsMessage { Id = 21, Questions = [new Question(DomainName.Parse("www.z"), RecordType.A)] }.Encode(), token);
        await client.SendAsync(new DnsMessage { Id = 22, Questions = [new Question(DomainName.Parse("mail.z"), RecordType.A)] }.Encode(), token);
        Assert.Equal(22, (await client.ReceiveAsync(token)).Buffer[1]);
    }

    private static string Flood(Func<int, (string Name, RecordType Type)> question)
    {
        var responder = InProcess.Responder(_zone, new DnsServerOptions { ResponsesPerSecond = 3, Slip = 0 }, new ManualTimeProvider());
        return string.Concat(Enumerable.Range(0, 10).Select(i =>
        {
            var (name, type) = question(i);
            var request = new DnsMessage { Questions = [new Question(DomainName.Parse(name), type)] }.Encode();
            return responder.Respond(request, new byte[512], [192, 0, 2, 1], isStream: false) == 0 ? "-" : "A";
        }));
    }
}
