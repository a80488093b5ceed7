using Securely.Dns.Tests.Serving;

namespace Securely.Dns.Tests.Forwarding;

/// <summary>A name server that asks upstreams of a test, with time enough for a machine that is busy or paused.</summary>
internal static class RunningForwarder
{
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(60);

    public static Task<RunningNameServer> StartAsync(ScriptedUpstream upstream, Func<ForwardingOptions, ForwardingOptions>? change = null) =>
        StartAsync(Options(upstream), change);

    public static Task<RunningNameServer> StartAsync(ForwardingOptions options, Func<ForwardingOptions, ForwardingOptions>? change = null) =>
        RunningNameServer.StartAsync(new DnsServerOptions { Forwarding = change is null ? options : change(options) });

    public static ForwardingOptions Options(params ScriptedUpstream[] upstreams) => new()
    {
        Upstreams = [.. upstreams.Select(upstream => new DnsUpstream(upstream.EndPoint))],
        Policy = ForwardPolicy.Ordered,
        Timeout = Patience,
    };

    public static Task<DnsMessage> AskAsync(this RunningNameServer server, string name, RecordType type = RecordType.A, bool isStream = false) =>
        new DnsClient(server.EndPoint) { Patience = Patience, UsesStream = isStream }.AskAsync(Question(name, type));

    public static DnsMessage Question(string name, RecordType type = RecordType.A) =>
        new() { Id = 0x1234, RecursionDesired = true, Questions = [new Question(DomainName.Parse(name), type)], Edns = new Edns() };

    /// <summary>The records of an answer, and the number of its extended error.</summary>
    public static string Summary(DnsMessage answer)
    {
        var error = answer.Edns?.Find(EdnsOptionCode.ExtendedError) is { } bytes ? $" EDE {(bytes.Span[0] << 8) | bytes.Span[1]}" : "";
        return $"{answer.Code}{error}: {string.Join(", ", answer.Answers.Select(record => $"{record.Name} {RecordText(record)}"))}";
    }

    private static string RecordText(ResourceRecord record) => $"{ResourceRecord.TypeName(record.Type)} {record.DataText}";
}
