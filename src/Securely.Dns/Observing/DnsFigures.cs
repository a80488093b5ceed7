using Securely.Net;

namespace Securely.Dns;

/// <summary>What is counted of questions: series are looked up once, and each thread adds to cells of its own.</summary>
internal sealed class DnsFigures
{
    // Behind the types that have a name: all others, questions that could not be read, and what is no question.
    private static readonly string[] _types =
    [
        "A", "AAAA", "NS", "SOA", "CNAME", "PTR", "MX", "TXT", "SRV", "CAA", "DS", "DNSKEY", "HTTPS", "SVCB", "NAPTR", "TLSA", "DNAME", "ANY", "AXFR", "IXFR", "other", "none", "NOTIFY", "UPDATE",
    ];

    // Some codes stand in signatures only, never in an answer's head.
    private static readonly ResponseCode[] _known = [.. Enum.GetValues<ResponseCode>().Except([ResponseCode.BadKey, ResponseCode.BadTime, ResponseCode.BadTruncation])];
    private static readonly string[] _codes = [.. _known.Select(ResponseCodeText.NameOf), "other"];
    private static readonly string[] _actions = ["dropped", "truncated"];

    // 1 us to 1 s, in ticks.
    private static readonly long[] _durations = [10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 50_000, 100_000, 1_000_000, 10_000_000];
    private static readonly byte[] _typeIndexes = TypeIndexes();
    private static readonly byte[] _codeIndexes = CodeIndexes();

    private readonly MetricsRegistry _registry;
    private readonly Counter[][] _queries;
    private readonly Counter[][] _responses;
    private readonly Counter[][] _limited;
    private readonly Counter[] _ignored;
    private readonly Histogram[] _seconds;

    /// <summary>Makes the series of a server.</summary>
    internal DnsFigures(MetricsRegistry registry)
    {
        _registry = registry;
        _queries = Rows("securely_dns_queries_total", "Questions by what they ask for; none for what could not be read.", "type", _types);
        _responses = Rows("securely_dns_responses_total", "Answers by their code.", "code", _codes);
        _limited = Rows("securely_dns_limited_total", "Answers that the limit of answers dropped, or sent empty and truncated.", "action", _actions);
        var ignored = registry.Counter(new MetricDefinition("securely_dns_ignored_total", "Messages that are no requests, and got silence.") { Labels = ["transport"] });
        _ignored = [.. DnsTransports.Names.Select(transport => ignored.With(transport))];
        var seconds = registry.Histogram(
            new MetricDefinition("securely_dns_duration_seconds", "Time from reading a question to its answer; over UDP with the sending of its batch.")
            {
                Labels = ["transport"],
                Divisor = TimeSpan.TicksPerSecond,
            },
            _durations);
        _seconds = [.. DnsTransports.Names.Select(transport => seconds.With(transport))];

        Counter[][] Rows(string name, string help, string label, string[] values)
        {
            var family = registry.Counter(new MetricDefinition(name, help) { Labels = ["transport", label] });
            return [.. DnsTransports.Names.Select(transport => family.Row([transport], values))];
        }
    }

    /// <summary>Lets the calling thread, which is no worker, count without sharing.</summary>
    internal IDisposable CountOnThread() => _registry.CountOnThread();

    internal void Ignore(DnsTransport transport) => _ignored[(int)transport].Add();

    /// <summary>Counts a question.</summary>
    /// <param name="transport">What brought it.</param>
    /// <param name="operation">What it wants.</param>
    /// <param name="type">What it asks for; null where that could not be read.</param>
    internal void CountQuery(DnsTransport transport, OpCode operation, RecordType? type) => _queries[(int)transport][IndexOf(operation, type)].Add();

    internal void CountResponse(DnsTransport transport, ResponseCode code) =>
        _responses[(int)transport][(int)code < _codeIndexes.Length ? _codeIndexes[(int)code] : _known.Length].Add();

    internal void CountLimited(DnsTransport transport, bool isDropped) => _limited[(int)transport][isDropped ? 0 : 1].Add();

    /// <summary>Counts how long some questions took, all alike.</summary>
    internal void CountTime(DnsTransport transport, TimeSpan time, int count) => _seconds[(int)transport].Observe(time.Ticks, count);

    private static int IndexOf(OpCode operation, RecordType? type) => operation switch
    {
        OpCode.Notify => _types.Length - 2,
        OpCode.Update => _types.Length - 1,
        _ when type is null => _types.Length - 3,
        _ => (int)type < _typeIndexes.Length ? _typeIndexes[(int)type] : _types.Length - 4,
    };

    private static byte[] CodeIndexes()
    {
        var indexes = new byte[(int)_known.Max() + 1];
        Array.Fill(indexes, (byte)_known.Length);
        for (var i = 0; i < _known.Length; i++)
            indexes[(int)_known[i]] = (byte)i;
        return indexes;
    }

    private static byte[] TypeIndexes()
    {
        var indexes = new byte[(int)RecordType.Caa + 1];
        for (var type = 0; type < indexes.Length; type++)
        {
            var index = Array.IndexOf(_types, Records.ResourceRecord.TypeName((RecordType)type), 0, _types.Length - 4);
            indexes[type] = (byte)(index < 0 ? _types.Length - 4 : index);
        }

        return indexes;
    }
}
