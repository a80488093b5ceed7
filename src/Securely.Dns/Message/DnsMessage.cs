namespace Securely.Dns;

/// <summary>
/// A whole message as objects, for clients, tests and rare work; the server's answers to questions never become one. Immutable, for any thread.
/// </summary>
/// <example>
/// <code>
/// using Securely.Dns;
/// using Securely.Dns.Records;
///
/// var question = new Question(DomainName.Parse("www.example.test"), RecordType.A);
/// byte[] bytes = new DnsMessage { Id = 4711, Questions = [question], Edns = new Edns() }.Encode();
/// if (DnsMessage.TryDecode(bytes, out var message))
///     Console.WriteLine(message.Questions[0]);
/// </code>
/// </example>
public sealed partial record DnsMessage
{
    /// <summary>The number that a response repeats.</summary>
    public ushort Id { get; init; }

    /// <summary>QR: whether it is a response.</summary>
    public bool IsResponse { get; init; }

    /// <summary>What it wants.</summary>
    public OpCode OpCode { get; init; }

    /// <summary>AA: whether the server has authority for the name.</summary>
    public bool IsAuthoritative { get; init; }

    /// <summary>TC: whether something did not fit.</summary>
    public bool IsTruncated { get; init; }

    /// <summary>RD: whether the server shall ask others.</summary>
    public bool RecursionDesired { get; init; }

    /// <summary>RA: whether the server asks others.</summary>
    public bool RecursionAvailable { get; init; }

    /// <summary>Z: the reserved bit.</summary>
    public bool ReservedBit { get; init; }

    /// <summary>AD: whether the server has proven the data (RFC 4035).</summary>
    public bool IsAuthentic { get; init; }

    /// <summary>CD: whether the server shall not prove it (RFC 4035).</summary>
    public bool CheckingDisabled { get; init; }

    /// <summary>How it was answered, with the upper bits of EDNS.</summary>
    public ResponseCode Code { get; init; }

    /// <summary>What is asked; one, or none.</summary>
    public IReadOnlyList<Question> Questions { get; init; } = [];

    /// <summary>The answer; the prerequisites of an update.</summary>
    public IReadOnlyList<ResourceRecord> Answers { get; init; } = [];

    /// <summary>Who knows; the changes of an update.</summary>
    public IReadOnlyList<ResourceRecord> Authorities { get; init; } = [];

    /// <summary>What else helps, without EDNS.</summary>
    public IReadOnlyList<ResourceRecord> Additionals { get; init; } = [];

    /// <summary>The extension; null without one.</summary>
    public Edns? Edns { get; init; }
}
