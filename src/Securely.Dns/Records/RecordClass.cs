namespace Securely.Dns.Records;

/// <summary>The class of a record or of a question; zones are of class IN.</summary>
public enum RecordClass : ushort
{
    /// <summary>The Internet.</summary>
    In = 1,

    /// <summary>Chaos: questions about the server itself (RFC 4892).</summary>
    Chaos = 3,

    /// <summary>Hesiod.</summary>
    Hesiod = 4,

    /// <summary>No class: a prerequisite or a deletion of an update (RFC 2136).</summary>
    None = 254,

    /// <summary>Any class.</summary>
    Any = 255,
}
