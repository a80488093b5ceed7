using System.Globalization;
using System.Net;
using Securely.Dns.Tests.Transfer;

namespace Securely.Dns.Tests.Serving;

/// <summary>The same questions to us, to NSD and to Knot; how they differ stands in docs/dns-differences.md, and nothing else may.</summary>
public sealed class NeighbourTests
{
    private const string Question = "076578616D706C65047465737400" + "0006" + "0001";

    /// <summary>Messages that no client sends by mistake: number, name, bytes.</summary>
    private static readonly (string Check, string Name, string Hex)[] Raw =
    [
        ("46", "an empty datagram", ""),
        ("46", "11 bytes", "1234010000010000000000"),
        ("46", "an answer", "1234" + "8000" + "0001000000000000" + Question),
        ("47", "QDCOUNT 1 without a question", "1234" + "0000" + "0001000000000000"),
        ("47", "a question that ends early", "1234" + "0000" + "0001000000000000" + "076578616D"),
        ("47", "a name of 256 bytes", "1234" + "0000" + "0001000000000000" + string.Concat(Enumerable.Repeat("3F" + string.Concat(Enumerable.Repeat("61", 63)), 4)) + "0000010001"),
        ("47", "a label of type 0x40", "1234" + "0000" + "0001000000000000" + "416100" + "0006" + "0001"),
        ("47", "a pointer to itself", "1234" + "0000" + "0001000000000000" + "C00C" + "0006" + "0001"),
        ("47", "a pointer forward", "1234" + "0000" + "0001000000000000" + "C020" + "0006" + "0001"),
        ("48", "two questions", "1234" + "0000" + "0002000000000000" + Question + Question),
        ("48", "no question", "1234" + "0000" + "0000000000000000"),
        ("49", "two OPT", "1234" + "0000" + "0001000000000002" + Question + "0000291000000000000000" + "0000291000000000000000"),
        ("49", "OPT longer than the message", "1234" + "0000" + "0001000000000001" + Question + "0000291000000000000004" + "0003"),
        ("50", "TSIG with an unknown key", "1234" + "0000" + "0001000000000001" + Question + "016B00" + "00FA" + "00FF" + "00000000" + "003D" + "0B686D61632D73686132353600" + "000000000000" + "012C" + "0020" + "0000000000000000000000000000000000000000000000000000000000000000" + "1234" + "0000" + "0000"),
        ("51", "UPDATE without TSIG", "1234" + "2800" + "0001000000010000" + Question + "036E6577C00C" + "0001" + "0001" + "0000003C" + "0004" + "C0000201"),
        ("52", "AXFR over UDP", "1234" + "0000" + "0001000000000000" + "076578616D706C65047465737400" + "00FC" + "0001"),
    ];

    /// <summary>What takes more than a question and its answer: number, name, and what is seen of it.</summary>
    private static readonly (string Check, string Name, Func<IPEndPoint, Task<string>> AskAsync)[] Exchanges =
    [
        ("45", "a cookie of the client alone, then with the server's", AskWithCookieAsync),
        ("53", "AXFR with the key", server => TransferAsync(server, "AXFR")),
        ("56", "IXFR by a client that is up to date", server => TransferAsync(server, "IXFR=2025010101")),
        ("56", "IXFR by a client that is older than all that is known", server => TransferAsync(server, "IXFR=2025010100")),
        .. NeighbourStreams.Cases.Select(row => ("59", row.Name, row.AskAsync)),
    ];

    private static readonly (string Check, string Name, string Script)[] Updates =
    [
        ("54", "add a name that must not exist", "prereq nxdomain new.example.test\nupdate add new.example.test 60 A 192.0.2.9"),
        ("54", "the same again", "prereq nxdomain new.example.test\nupdate add new.example.test 60 A 192.0.2.9"),
        ("55", "a set must exist that does not", "prereq yxrrset no.example.test A\nupdate add x.example.test 60 A 192.0.2.9"),
        ("55", "a name out of the zone", "update add x.other.test 60 A 192.0.2.9"),
        ("55", "remove SOA and NS of the apex", "update delete example.test SOA\nupdate delete example.test NS"),
    ];

    [Fact]
    public async Task Answers_as_NSD_and_Knot_do_but_for_what_the_page_lists()
    {
        using var directory = new TemporaryDirectory();
        var zone = NeighbourServer.WriteZone(directory);
        await using var ours = await RunningNameServer.StartAsync();
        await using var nsd = await NeighbourServer.StartNsdAsync(zone);
        await using var knot = await NeighbourServer.StartKnotAsync(zone);
        await using var changing = await KeptServer.StartAsync(new ZoneKeeperOptions { Directory = directory.Path, Zones = [KeptServer.Updatable("example.test")] }, [RunningNameServer.Fixture()]);
        IPEndPoint[] servers = [ours.EndPoint, nsd.EndPoint, knot.EndPoint];
        var rows = await QuestionRowsAsync(servers);
        foreach (var (check, name, hex) in Raw)
            await AddRowAsync(rows, check, name, servers, server => RawQuestion.AskDatagramAsync(server, hex));
        foreach (var (check, name, askAsync) in Exchanges)
            await AddRowAsync(rows, check, name, servers, askAsync);
        // Last, as they change the zone.
        servers[0] = changing.EndPoint;
        foreach (var (check, name, script) in Updates)
            await AddRowAsync(rows, check, name, servers, server => UpdateAsync(server, script));
        var asked = DigTests.Checks.Count + Raw.Length + Exchanges.Length + Updates.Length;
        Golden.Matches(Path.Combine("..", "..", "docs", "dns-differences.md"), Page(rows, asked));
    }

    private static async Task<List<string>> QuestionRowsAsync(IPEndPoint[] servers)
    {
        var rows = new List<string>();
        foreach (var row in DigTests.Checks)
        {
            var (check, question, _, _) = row.Data;
            var answers = new List<Answer>();
            foreach (var server in servers)
                answers.Add(Answer.Of(await NeighbourServer.DigAsync(server, question.Split(' '))));
            if (answers.Exists(answer => answer != answers[0]))
                rows.Add(Row(check.ToString(CultureInfo.InvariantCulture), $"`{question}`", [.. answers.Select(answer => answer.Against(answers))]));
        }

        return rows;
    }

    // What is done with each of them, where that differs.
    private static async Task AddRowAsync(List<string> rows, string check, string name, IPEndPoint[] servers, Func<IPEndPoint, Task<string>> askAsync)
    {
        var answers = new List<string>();
        foreach (var server in servers)
            answers.Add(await askAsync(server));
        if (answers.Exists(answer => answer != answers[0]))
            rows.Add(Row(check, name, [.. answers]));
    }

    private static async Task<string> UpdateAsync(IPEndPoint server, string script) =>
        await KeptServer.UpdateAsync(server, "zone example.test\n" + script) is { Length: > 0 } text ? text.Split('\n')[^1] : "done";

    private static async Task<string> AskWithCookieAsync(IPEndPoint server)
    {
        var first = await NeighbourServer.DigAsync(server, "+cookie=0123456789abcdef", "+nobadcookie", "example.test", "SOA");
        var cookie = first.Text.Contains("COOKIE: ", StringComparison.Ordinal) ? first.Text.Split("COOKIE: ")[1].Split(' ')[0] : "";
        if (cookie.Length < 32)
            return $"{first.Summary}, no cookie";
        var second = await NeighbourServer.DigAsync(server, $"+cookie={cookie}", "+nobadcookie", "example.test", "SOA");
        return $"{first.Summary}, then {second.Summary}, cookie of {cookie.Length / 2} bytes, layout {cookie[16..18]}";
    }

    private static async Task<string> TransferAsync(IPEndPoint server, string type)
    {
        var text = (await NeighbourServer.DigAsync(server, "-y", KeptServer.KeyText, "example.test", type)).Text;
        var size = text.Split("XFR size: ");
        return size.Length < 2 ? "Transfer failed" : $"{size[1].Split(' ')[0]} records, {(text.Contains("Couldn't verify", StringComparison.Ordinal) ? "unverified" : "verified")}";
    }

    private static string Row(string check, string question, string[] answers) => $"| {check} | {question.Replace("|", "\\|", StringComparison.Ordinal)} | {string.Join(" | ", answers)} |";

    private static string Page(List<string> rows, int asked) => string.Create(CultureInfo.InvariantCulture, $"""
        # How our answers differ from NSD's and Knot's

        Written by `NeighbourTests`, which puts {asked} questions to Securely, to NSD 4.6 (with minimal responses) and to Knot 3.2, all with the zone
        `tests/data/dns/example.test.zone`; run it with `SECURELY_UPDATE_GOLDEN=1` to write it again. Compared are the code, AA and TC, and the records of each section in any order; where only records
        differ, those that not all of them have are shown. What is not listed is answered alike by all three.

        | Check | Question | Securely | NSD | Knot |
        |---|---|---|---|---|
        {string.Join('\n', rows)}

        Why ours are as they are:

        - A referral has the DS with its NS for a client that understands DNSSEC, in a zone without signatures too: it costs a few bytes.
        - A service whose target is its owner (`.`) brings the owner's addresses, as for any other target (RFC 9460, 4.1).
        - The server is the authority for what it says of itself (`version.bind` and its like), so AA is set.
        - Whatever cannot be read is FORMERR with a header alone; silence would leave a client waiting. What is no request at all gets silence.
        - Cookies are answered without being asked to; NSD 4.6 and Knot 3.2 have them behind a switch.
        - Zones can be changed by updates, as Knot's can; NSD changes nothing.
        - An update that nobody has signed, and a whole zone over UDP, are refused: the server knows both, and does neither for this client.
        - Zone files are read as BIND reads them but for this: the words of a `$GENERATE` line keep their quotes, so `TXT "a $"` is one text there and not two; a
          name of a host that is none (`a_b` with an address), and a name server of the zone in it that has no address or is an alias, are warnings where
          `named` would not load the zone, and Knot and NSD do; a file that includes itself is an error.

        """).Replace("\r\n", "\n", StringComparison.Ordinal);

    /// <summary>What an answer says, in an order of its own.</summary>
    private sealed record Answer(string Summary, string Records)
    {
        public static Answer Of(DigAnswer answer)
        {
            var records = answer.Text.Split('\n').Where(line => line.Length > 0 && line[0] != ';')
                .Select(line => string.Join(' ', line.Split((char[])['\t', ' '], StringSplitOptions.RemoveEmptyEntries)).Replace(" RT ", " ", StringComparison.Ordinal));
            return new Answer(answer.Summary.Length > 0 ? answer.Summary : "nothing", string.Join('\n', records.Order(StringComparer.Ordinal)));
        }

        public string Against(List<Answer> others)
        {
            var common = others.Select(other => other.Records.Split('\n')).Aggregate((a, b) => [.. a.Intersect(b)]);
            var own = Records.Split('\n').Except(common).Where(line => line.Length > 0).Select(line => $"`{line}`").ToList();
            return own.Count is 0 or > 6 ? Summary : $"{Summary}: {string.Join(", ", own)}";
        }
    }
}
