namespace Securely.Testing;

/// <summary>In what pieces bytes are handed over.</summary>
public enum Delivery
{
    /// <summary>All of them at once.</summary>
    Whole,

    /// <summary>One piece a line, its line end included.</summary>
    Lines,

    /// <summary>One piece a byte.</summary>
    Bytes,
}
