namespace Securely.Testing;

/// <summary>How the other side ended its direction of a connection.</summary>
public enum ConnectionEnd
{
    /// <summary>In order: everything that was sent has arrived (FIN).</summary>
    Finished,

    /// <summary>Abruptly: bytes may be lost (RST).</summary>
    Reset,
}

/// <summary>What still arrived on a connection, and how it ended.</summary>
/// <param name="Bytes">The bytes that had not been read before.</param>
/// <param name="End">How the other side ended.</param>
public sealed record ConnectionRest(byte[] Bytes, ConnectionEnd End)
{
    /// <summary>The bytes as text, one character a byte (Latin-1).</summary>
    public string Text => System.Text.Encoding.Latin1.GetString(Bytes);
}
