namespace Securely.Dns;

/// <summary>Why records cannot be changed; the message names the thing and the way out.</summary>
public sealed class ZoneChangeException : Exception
{
    /// <summary>Makes one without a reason.</summary>
    public ZoneChangeException()
    {
    }

    /// <summary>Makes one.</summary>
    /// <param name="message">The reason.</param>
    public ZoneChangeException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one with what caused it.</summary>
    /// <param name="message">The reason.</param>
    /// <param name="innerException">What caused it.</param>
    public ZoneChangeException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
