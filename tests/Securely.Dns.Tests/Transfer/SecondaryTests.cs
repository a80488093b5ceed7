using Microsoft.Extensions.Logging.Abstractions;

namespace Securely.Dns.Tests.Transfer;

/// <summary>Copies of zones: what is believed of a primary, and for how long.</summary>
public sealed class SecondaryTests : IDisposable
{
    private const string Text = "$TTL 60\n@ SOA ns1 admin 7 100 10 1000 5\n@ NS ns1\nns1 A 192.0.2.53\n";
    private static readonly DomainName Apex = DomainName.Parse("example.test");
    private static readonly Zone Seven = InProcess.Zone("example.test", Text);
    private readonly TemporaryDirectory _folder = new();
    private readonly ManualTimeProvider _time = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("it does not begin with the SOA record", "NS|SOA")]
    [InlineData("something follows its end", "SOA|NS|A|SOA|A")]
    [InlineData("it ends with another SOA record than it began with", "SOA|NS|A|NEXT")]
    [InlineData("it has the SOA record of [other.test.]", "SOA|OTHER|SOA")]
    [InlineData("it has ended the stream in the middle", "SOA|NS|A")]
    [InlineData("it is empty", "")]
    [InlineData("what it sends is no zone: The zone [example.test.] has no NS record", "SOA|A|SOA")]
    public async Task What_is_no_transfer_is_not_taken(string reason, string records)
    {
        await using var primary = new ScriptedPrimary(question => [Answer(question, Records(records))]);
        var error = await FailAsync(primary);
        Assert.Contains(reason, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_answer_is_not_taken()
    {
        await using var other = new ScriptedPrimary(question => [(Message(question, Records("SOA|NS|A|SOA")) with { Id = (ushort)(question.Id + 1) }).Encode()]);
        Assert.Contains("is no answer to the question", await FailAsync(other), StringComparison.Ordinal);
        await using var garbage = new ScriptedPrimary(_ => [[1, 2, 3]]);
        Assert.Contains("is no answer to the question", await FailAsync(garbage), StringComparison.Ordinal);
        await using var refused = new ScriptedPrimary(question => [(Message(question, []) with { Code = ResponseCode.Refused }).Encode()]);
        Assert.Contains("it answers with Refused", await FailAsync(refused), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_primary_that_sends_without_end_is_left()
    {
        await using var primary = new ScriptedPrimary(question => Enumerable.Range(0, int.MaxValue).Select(number => Answer(question, Records(number == 0 ? "SOA" : "A"))));
        Assert.Contains("it sends more than 4096 bytes", await FailAsync(primary, options => options with { MaximumTransferSize = 4096 }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_primary_that_is_silent_is_left()
    {
        await using var primary = new ScriptedPrimary(_ => null);
        using var keeper = Keeper(primary, options => options with { MessagePatience = TimeSpan.FromSeconds(30), TransferPatience = TimeSpan.FromSeconds(3000) });
        var refresh = RefreshAsync(keeper);
        // However long it takes to connect and to ask: the clock goes on until the wait is over.
        while (!refresh.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        var error = await Assert.ThrowsAsync<ZoneTransferException>(() => refresh);
        Assert.Matches("it does not go on in time|it cannot be reached in time|the transfer takes too long", error.Message);
    }

    [Fact]
    public async Task A_primary_that_does_not_sign_is_not_believed()
    {
        await using var primary = new ScriptedPrimary(question => [Answer(question, Records("SOA|NS|A|SOA"))]);
        var peer = primary.Peer with { Key = KeptServer.Key.Name };
        using var keeper = new ZoneKeeper(new Catalog(), new ZoneKeeperOptions { Keys = [KeptServer.Key], Zones = [new KeptZone(Apex) { Primaries = [peer] }] }, _time);
        keeper.Load(NullLogger.Instance);
        var error = await Assert.ThrowsAsync<ZoneTransferException>(() => RefreshAsync(keeper));
        Assert.Contains("it is not signed", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_primary_that_never_heard_of_changes_is_asked_for_all()
    {
        var newest = InProcess.Zone("example.test", Text.Replace("admin 7", "admin 8", StringComparison.Ordinal) + "new A 192.0.2.1\n");
        var current = Seven;
        await using var primary = new ScriptedPrimary(question => question.Questions[0].Type switch
        {
            RecordType.Ixfr => [(Message(question, []) with { Code = ResponseCode.NotImplemented }).Encode()],
            RecordType.Soa => [Answer(question, [.. current.Soa.Records(Apex)])],
            _ => [Answer(question, [.. current.Records(), .. current.Soa.Records(Apex)])],
        });
        using var keeper = Keeper(primary);
        Assert.True(await RefreshAsync(keeper));
        Assert.False(await RefreshAsync(keeper));
        current = newest;
        Assert.True(await RefreshAsync(keeper));
        Assert.Equal([RecordType.Axfr, RecordType.Ixfr, RecordType.Soa, RecordType.Ixfr, RecordType.Soa, RecordType.Axfr], primary.Asked);
        Assert.Equal((8u, 7u), (keeper.Catalog.Zones[0].Serial, Assert.Single(keeper.Catalog.Zones[0].History).From));
    }

    [Fact]
    public async Task Changes_that_do_not_fit_are_followed_by_all()
    {
        var newest = InProcess.Zone("example.test", Text.Replace("admin 7", "admin 8", StringComparison.Ordinal) + "new A 192.0.2.1\n");
        var current = Seven;
        await using var primary = new ScriptedPrimary(question => question.Questions[0].Type switch
        {
            RecordType.Ixfr => [Answer(question, [.. Records("NEXT|SOA"), ResourceRecord.Parse(DomainName.Parse("no.example.test"), RecordType.A, 60, "192.0.2.1"), .. Records("NEXT|NEXT")])],
            _ => [Answer(question, [.. current.Records(), .. current.Soa.Records(Apex)])],
        });
        using var keeper = Keeper(primary);
        Assert.True(await RefreshAsync(keeper));
        current = newest;
        Assert.True(await RefreshAsync(keeper));
        Assert.Equal([RecordType.Axfr, RecordType.Ixfr, RecordType.Axfr], primary.Asked);
        Assert.Equal(8u, keeper.Catalog.Zones[0].Serial);
    }

    [Fact]
    public async Task A_copy_is_answered_from_until_it_expires_and_again_when_it_is_confirmed()
    {
        var soa = Records("SOA");
        await using var primary = new ScriptedPrimary(question =>
            [Answer(question, question.Questions[0].Type == RecordType.Ixfr ? soa : [.. Seven.Records(), .. soa])]);
        using (var keeper = Keeper(primary))
        {
            Assert.Equal(ResponseCode.ServerFailure, Ask(keeper));
            await RefreshAsync(keeper);
            Assert.Equal(ResponseCode.Success, Ask(keeper));

            _time.Advance(TimeSpan.FromSeconds(600));
            Assert.False(await RefreshAsync(keeper));
            _time.Advance(TimeSpan.FromSeconds(999));
            await ShowAsync(keeper);
            Assert.Equal(ResponseCode.Success, Ask(keeper));
            _time.Advance(TimeSpan.FromSeconds(1));
            await ShowAsync(keeper);
            Assert.Equal(ResponseCode.ServerFailure, Ask(keeper));
        }

        // What is saved says when it was confirmed.
        using var again = Keeper(primary);
        Assert.Equal(ResponseCode.ServerFailure, Ask(again));
        Assert.False(await RefreshAsync(again));
        Assert.Equal(ResponseCode.Success, Ask(again));
        Assert.Equal(_time.GetUtcNow() + TimeSpan.FromSeconds(1000), Assert.Single(again.ReadStatus()).ExpiresAt);
    }

    [Fact]
    public async Task Only_a_primary_is_listened_to()
    {
        await using var primary = new ScriptedPrimary(_ => null);
        using var keeper = Keeper(primary);
        var responder = new Responder(new ServerState(keeper.Catalog, new DnsServerOptions { Keeper = keeper }, _time), isLimited: true);
        var told = new DnsMessage { Id = 1, OpCode = OpCode.Notify, IsAuthoritative = true, Questions = [new Question(Apex, RecordType.Soa)], Answers = Records("SOA") };
        Assert.Equal(ResponseCode.Success, Tell(responder, told, [127, 0, 0, 1]).Code);
        Assert.True(Tell(responder, told, [127, 0, 0, 1]).IsAuthoritative);
        Assert.Equal(ResponseCode.Refused, Tell(responder, told, [127, 0, 0, 2]).Code);
        Assert.Equal(ResponseCode.NotAuthorized, Tell(responder, told with { Questions = [new Question(DomainName.Parse("other.test"), RecordType.Soa)] }, [127, 0, 0, 1]).Code);
    }

    private static DnsMessage Tell(Responder responder, DnsMessage message, byte[] address)
    {
        var response = new byte[4096];
        var length = responder.Respond(message.Encode(), response, address, isStream: false);
        Assert.True(DnsMessage.TryDecode(response.AsSpan(0, length), out var answer));
        Assert.Equal(OpCode.Notify, answer.OpCode);
        return answer;
    }

    private ResponseCode Ask(ZoneKeeper keeper) => InProcess.Ask(
        new Responder(new ServerState(keeper.Catalog, new DnsServerOptions { Keeper = keeper }, _time), isLimited: true),
        new DnsMessage { Id = 7, Questions = [new Question(DomainName.Parse("ns1.example.test"), RecordType.A)] }).Code;

    private static Task<bool> ShowAsync(ZoneKeeper keeper) => keeper.DoAsync(
        keeper.Zones.Single(),
        _ =>
        {
            keeper.Zones.Single().Show();
            return true;
        },
        isEdit: false);

    private static Task<bool> RefreshAsync(ZoneKeeper keeper)
    {
        var zone = keeper.Zones.Single();
        return new ZoneRefresh(keeper, zone, zone.Options.Primaries[0]).RunAsync(TestContext.Current.CancellationToken);
    }

    private async Task<string> FailAsync(ScriptedPrimary primary, Func<ZoneKeeperOptions, ZoneKeeperOptions>? change = null)
    {
        using var keeper = Keeper(primary, change);
        var error = await Assert.ThrowsAsync<ZoneTransferException>(() => RefreshAsync(keeper));
        Assert.True(Assert.Single(keeper.Catalog.Zones).IsExpired);
        return error.Message;
    }

    private ZoneKeeper Keeper(ScriptedPrimary primary, Func<ZoneKeeperOptions, ZoneKeeperOptions>? change = null)
    {
        var options = new ZoneKeeperOptions { Directory = _folder.Path, Zones = [new KeptZone(Apex) { Primaries = [primary.Peer] }] };
        var keeper = new ZoneKeeper(new Catalog(), change?.Invoke(options) ?? options, _time);
        keeper.Load(NullLogger.Instance);
        return keeper;
    }

    private static byte[] Answer(DnsMessage question, IReadOnlyList<ResourceRecord> records) => Message(question, records).Encode();

    private static DnsMessage Message(DnsMessage question, IReadOnlyList<ResourceRecord> records) =>
        new() { Id = question.Id, IsResponse = true, IsAuthoritative = true, Questions = question.Questions, Answers = records };

    private static List<ResourceRecord> Records(string names)
    {
        var soa = Seven.Soa.Records(Apex).First();
        return
        [
            .. names.Split('|', StringSplitOptions.RemoveEmptyEntries).Select(name => name switch
            {
                "SOA" => soa,
                "NEXT" => SerialNumber.With(soa, 8),
                "OTHER" => ResourceRecord.Parse(DomainName.Parse("other.test"), RecordType.Soa, 60, "a. b. 1 1 1 1 1"),
                "NS" => ResourceRecord.Parse(Apex, RecordType.Ns, 60, "ns1.example.test"),
                _ => ResourceRecord.Parse(DomainName.Parse("ns1.example.test"), RecordType.A, 60, "192.0.2.53"),
            }),
        ];
    }
}
