namespace Securely.Dns.Tests.Serving;

/// <summary>Checks 46 to 52 of the specification (3.4), byte by byte, over datagrams and streams; the numbers are theirs.</summary>
public sealed class RawCheckTests
{
    private const string Question = "076578616D706C65047465737400" + "0006" + "0001";
    private const string Tsig = "016B00" + "00FA" + "00FF" + "00000000" + "001D" + "0B686D61632D73686132353600" + "000000000000" + "012C" + "0000" + "1234" + "0000" + "0000";

    [Theory]
    [InlineData("1234010000010000000000")]
    [InlineData("1234" + "8000" + "0001000000000000" + Question)]
    public Task Check_46_what_is_no_request_gets_silence(string hex) => AskAsync(hex, "silence");

    [Fact]
    public async Task Check_46_an_empty_datagram_gets_silence()
    {
        await using var server = await RunningNameServer.StartAsync();
        Assert.Equal("silence", await RawQuestion.AskDatagramAsync(server.EndPoint, ""));
    }

    [Theory]
    [InlineData("1234" + "0000" + "0001000000000000")]
    [InlineData("1234" + "0000" + "0001000000000000" + "076578616D")]
    [InlineData("1234" + "0000" + "0001000000000000" + "416100" + "0006" + "0001")]
    [InlineData("1234" + "0000" + "0001000000000000" + "816100" + "0006" + "0001")]
    [InlineData("1234" + "0000" + "0001000000000000" + "C00C" + "0006" + "0001")]
    [InlineData("1234" + "0000" + "0001000000000000" + "C020" + "0006" + "0001")]
    public Task Check_47_a_question_that_cannot_be_read_is_malformed(string hex) => AskAsync(hex, "Malformed, no question");

    [Fact]
    public Task Check_47_a_name_of_256_bytes_is_malformed() =>
        AskAsync("1234" + "0000" + "0001000000000000" + string.Concat(Enumerable.Repeat("3F" + string.Concat(Enumerable.Repeat("61", 63)), 4)) + "0000010001", "Malformed, no question");

    [Theory]
    [InlineData("1234" + "0000" + "0002000000000000" + Question + Question)]
    [InlineData("1234" + "0000" + "0000000000000000")]
    public Task Check_48_one_question_is_asked_at_a_time(string hex) => AskAsync(hex, "Malformed, no question");

    [Theory]
    [InlineData("1234" + "0000" + "0001000000000002" + Question + "0000291000000000000000" + "0000291000000000000000")]
    [InlineData("1234" + "0000" + "0001000000000001" + Question + "0000291000000000000004" + "0003")]
    public Task Check_49_EDNS_stands_once_and_is_whole(string hex) => AskAsync(hex, "Malformed, no question");

    [Fact]
    public Task Check_50_a_signature_with_an_unknown_key_is_told_so() =>
        AskAsync("1234" + "0000" + "0001000000000001" + Question + Tsig, "NotAuthorized, question, TSIG error 17");

    [Fact]
    public async Task Check_51_an_update_without_a_signature_changes_nothing()
    {
        await using var server = await RunningNameServer.StartAsync();
        const string Update = "1234" + "2800" + "0001000000010000" + Question + "036E6577C00C" + "0001" + "0001" + "0000003C" + "0004" + "C0000201";
        Assert.Equal("Refused, question", await RawQuestion.AskDatagramAsync(server.EndPoint, Update));
        Assert.Equal("Refused, question", await RawQuestion.AskStreamAsync(server.EndPoint, Update));
        var answer = await server.DigAsync("new.example.test", "A");
        Assert.Equal("NXDOMAIN aa 0/1", answer.Summary);
        Assert.Contains("2025010101", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_52_no_whole_zone_over_a_datagram()
    {
        await using var server = await RunningNameServer.StartAsync();
        Assert.Equal("Refused, question", await RawQuestion.AskDatagramAsync(server.EndPoint, "1234" + "0000" + "0001000000000000" + "076578616D706C65047465737400" + "00FC" + "0001"));
    }

    private static async Task AskAsync(string hex, string expected)
    {
        await using var server = await RunningNameServer.StartAsync();
        Assert.Equal(expected, await RawQuestion.AskDatagramAsync(server.EndPoint, hex));
        Assert.Equal(expected, await RawQuestion.AskStreamAsync(server.EndPoint, hex));
    }
}
