namespace Securely.Dns;

/// <summary>What a message wants (RFC 1035, 4.1.1).</summary>
public enum OpCode : byte
{
    /// <summary>Asks a question.</summary>
    Query = 0,

    /// <summary>Asks backwards; obsolete.</summary>
    InverseQuery = 1,

    /// <summary>Asks for the state of the server; nobody answers it.</summary>
    Status = 2,

    /// <summary>Tells that a zone has changed (RFC 1996).</summary>
    Notify = 4,

    /// <summary>Changes a zone (RFC 2136).</summary>
    Update = 5,

    /// <summary>Stateful operations (RFC 8490); answered with "not implemented".</summary>
    Stateful = 6,
}
