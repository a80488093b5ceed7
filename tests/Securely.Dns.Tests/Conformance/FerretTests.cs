using System.Text;

namespace Securely.Dns.Tests.Conformance;

/// <summary>
/// Every recorded question, asked of a zone of ours as a datagram: code, AA, the answer as a set, and where a server sends the client on, to whom.
/// Where all four servers agree, their answer is the bar; where three do, it is counted.
/// </summary>
public sealed class FerretTests
{
    [Fact]
    [Trait("Category", "Conformance")]
    public void Answers_as_the_four_servers_do_where_they_agree()
    {
        using var recorded = new RecordedAnswers();
        var wrong = new List<string>();
        int unanimous = 0, unanimousRight = 0, three = 0, threeRight = 0;
        foreach (var one in recorded.Cases())
        {
            var expected = one.Answers.MaxBy(answer => answer.Servers);
            if (expected is null || expected.Servers < 3)
                continue;
            var actual = Ask(one);
            var right = IsSame(expected, actual);
            three++;
            threeRight += right ? 1 : 0;
            if (expected.Servers < 4)
                continue;
            unanimous++;
            unanimousRight += right ? 1 : 0;
            if (!right)
                wrong.Add(Describe(one, expected, actual));
        }

        RecordedAnswers.Report("ferret unanimous", unanimousRight, unanimous);
        RecordedAnswers.Report("ferret three-agree", threeRight, three);
        Assert.True(wrong.Count == 0, $"{wrong.Count} wrong:\n{string.Join('\n', wrong.Take(5))}");
        Assert.True(unanimous > 0, "There are no cases.");
    }

    private static DnsMessage Ask(RecordedCase one)
    {
        var apex = DomainName.Parse(one.Zone.Split((char[])[' ', '\t'], 2)[0]);
        var file = ZoneFileReader.ReadText(one.Zone, one.Name + ".txt", apex);
        Assert.True(Zone.TryBuild(file, out var zone), string.Join('\n', file.Problems));
        Assert.True(ResourceRecord.TryParseType(one.Type, out var type));
        return InProcess.Ask(zone, new DnsMessage { Id = 1, Questions = [new Question(DomainName.Parse(one.Question), type)], Edns = new Edns() });
    }

    private static bool IsSame(RecordedAnswer expected, DnsMessage actual) =>
        expected.Code == Code(actual) && expected.IsAuthoritative == actual.IsAuthoritative
        && expected.Answer.SequenceEqual(Lines(actual.Answers)) && (!expected.IsReferral || expected.Authority.SequenceEqual(Lines(actual.Authorities)));

    private static string Code(DnsMessage message) => message.Code switch
    {
        ResponseCode.Success => "NOERROR",
        ResponseCode.NoSuchName => "NXDOMAIN",
        ResponseCode.NameExists => "YXDOMAIN",
        ResponseCode.ServerFailure => "SERVFAIL",
        ResponseCode.Refused => "REFUSED",
        var other => other.ToString(),
    };

    private static IEnumerable<string> Lines(IEnumerable<ResourceRecord> records) =>
        records.Select(record => record.ToString().ToLowerInvariant()).Distinct().Order(StringComparer.Ordinal);

    private static string Describe(RecordedCase one, RecordedAnswer expected, DnsMessage actual) =>
        new StringBuilder().AppendLine($"case {one.Name}: {one.Question} {one.Type}").AppendLine(one.Zone.Trim())
            .AppendLine($"expected {expected.Code} aa={expected.IsAuthoritative}").AppendJoin('\n', expected.Answer).AppendLine("\n--").AppendJoin('\n', expected.Authority)
            .AppendLine($"\ngot {Code(actual)} aa={actual.IsAuthoritative}").AppendJoin('\n', Lines(actual.Answers)).AppendLine("\n--").AppendJoin('\n', Lines(actual.Authorities)).ToString();
}
