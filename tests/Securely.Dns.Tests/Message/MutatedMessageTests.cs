using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Securely.Dns.Tests.Message;

/// <summary>Requests of every kind with bytes changed, cut and joined: nothing is thrown, and no answer is larger than its asker allows.</summary>
public sealed class MutatedMessageTests
{
    private const long Now = 1_700_000_000;
    private static readonly List<byte[]> Requests = [.. Samples()];

    /// <summary>Every place of every request with every value it could have.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void One_byte_may_be_anything(bool isStream)
    {
        var judge = new Judge(0);
        foreach (var request in Requests)
        {
            for (var at = 0; at < request.Length; at++)
            {
                var right = request[at];
                for (var value = 0; value < 256; value++)
                {
                    request[at] = (byte)value;
                    judge.Ask(request, isStream, decodes: false);
                }

                request[at] = right;
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Some_bytes_may_be_anything(int seed) => Mutate(seed, 20_000, decodeEach: 1);

    [Fact]
    [Trait("Category", "Long")]
    public void Fifty_million_mutated_requests_get_a_bounded_answer_or_none() =>
        Parallel.For(0, 50, seed => Mutate(seed + 100, 1_000_000, decodeEach: 64));

    private static void Mutate(int seed, int rounds, int decodeEach)
    {
        var random = new Random(seed);
        var judge = new Judge(seed);
        var packet = new byte[4096];
        for (var round = 0; round < rounds; round++)
        {
            var length = Take(random, packet);
            for (var changes = random.Next(1, 4); changes > 0; changes--)
                packet[random.Next(length)] = (byte)(random.Next(4) == 0 ? 0xC0 : random.Next(256));
            if (random.Next(8) == 0)
                length = random.Next(length + 1);
            judge.Ask(packet.AsSpan(0, length), isStream: random.Next(2) == 0, decodes: round % decodeEach == 0);
        }
    }

    // A request, or the beginning of one with the end of another.
    private static int Take(Random random, byte[] packet)
    {
        var first = Requests[random.Next(Requests.Count)];
        first.CopyTo(packet, 0);
        if (random.Next(8) > 0)
            return first.Length;
        var second = Requests[random.Next(Requests.Count)];
        var (head, tail) = (random.Next(first.Length) + 1, random.Next(second.Length));
        second.AsSpan(tail).CopyTo(packet.AsSpan(head));
        return head + second.Length - tail;
    }

    private static IEnumerable<byte[]> Samples()
    {
        foreach (var type in (RecordType[])[RecordType.A, RecordType.Soa, RecordType.Txt, RecordType.Any, RecordType.Axfr, RecordType.Ixfr, RecordType.Ds, RecordType.Https])
        {
            foreach (var name in (string[])["example.test", "big.example.test", "x.dn.example.test", "a.b.c.deleg.example.test", "no.example.test"])
            {
                var question = new DnsMessage { Id = 1, Questions = [new Question(DomainName.Parse(name), type)] };
                yield return question.Encode();
                yield return (question with { Edns = new Edns { WantsProof = true, PayloadSize = 4096, Options = [new EdnsOption(EdnsOptionCode.Cookie, new byte[24]), new EdnsOption(EdnsOptionCode.Nsid, default), new EdnsOption(EdnsOptionCode.TcpKeepAlive, default)] } }).Encode();
            }
        }

        const string Question = "076578616D706C65047465737400" + "0006" + "0001";
        yield return Convert.FromHexString("1234" + "2800" + "0001000000010000" + Question + "036E6577C00C" + "0001" + "0001" + "0000003C" + "0004" + "C0000201");
        yield return Convert.FromHexString("1234" + "2000" + "0001000000000000" + Question);
        yield return Convert.FromHexString("1234" + "0000" + "0001000000000000" + "0776657273696F6E0462696E6400" + "0010" + "0003");
        const string Key = "04746B657900", Algorithm = "0B686D61632D73686132353600";
        var timers = $"{Now:X12}012C";
        var mac = HMACSHA256.HashData("secretsecretsecret"u8, Convert.FromHexString("1234" + "0000" + "0001000000000000" + Question + Key + "00FF00000000" + Algorithm + timers + "00000000"));
        yield return Convert.FromHexString("1234" + "0000" + "0001000000000001" + Question + Key + "00FA00FF00000000" + "003D" + Algorithm + timers + "0020" + Convert.ToHexString(mac) + "123400000000");
    }

    /// <summary>Asks, and says what is wrong with an answer.</summary>
    private sealed class Judge
    {
        private readonly byte[] _response = new byte[65535];
        private readonly Responder _responder;
        private readonly int _seed;
        private long _round;

        public Judge(int seed)
        {
            _seed = seed;
            var zone = InProcess.Zone("example.test", """
                $TTL 60
                @ SOA ns1 admin 7 2 3 4 5
                @ NS ns1
                @ HTTPS 1 .
                @ MX 10 ns1
                ns1 A 192.0.2.1
                *.w CNAME ns1
                dn DNAME example.test.
                deleg NS ns.deleg
                ns.deleg A 192.0.2.2
                $GENERATE 1-40 big TXT "record $ of a set that is too large for any datagram"
                $GENERATE 1-20 big A 192.0.2.$
                """);
            var options = new DnsServerOptions
            {
                ServerId = "a server whose name is not short at all",
                Version = "1",
                Keys = [Serving.RunningNameServer.Key],
                Transfers = [new TransferRule(null, Serving.RunningNameServer.Key.Name)],
                RequiresCookies = seed % 2 == 1,
            };
            _responder = InProcess.Responder(zone, options, new ManualTimeProvider(DateTimeOffset.FromUnixTimeSeconds(Now)));
        }

        public void Ask(ReadOnlySpan<byte> request, bool isStream, bool decodes)
        {
            _round++;
            var length = _responder.Respond(request, _response, [192, 0, 2, 1], isStream);
            var most = isStream ? 65535 : 1232;
            if (decodes && DnsMessage.TryDecode(request, out var question) && !isStream)
                most = question.Edns is { } edns ? Math.Clamp((int)edns.PayloadSize, 512, 1232) : 512;
            if (length != 0 && (length < 12 || length > most || !IsAnswerTo(request)))
                Assert.Fail($"seed {_seed}, round {_round}: {Convert.ToHexString(request)} got {length} bytes where {most} are allowed");
            if (decodes && length > 0)
                Assert.True(DnsMessage.TryDecode(_response.AsSpan(0, length), out _), $"seed {_seed}, round {_round}: {Convert.ToHexString(request)} got {Convert.ToHexString(_response.AsSpan(0, length))}");
        }

        private bool IsAnswerTo(ReadOnlySpan<byte> request) =>
            BinaryPrimitives.ReadUInt16BigEndian(request) == BinaryPrimitives.ReadUInt16BigEndian(_response) && (_response[2] & 0x80) != 0;
    }
}
