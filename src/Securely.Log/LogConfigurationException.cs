namespace Securely.Log;

/// <summary>A channel cannot be made as it is configured. The manager logs it to the emergency channel, and logs there instead.</summary>
public sealed class LogConfigurationException : Exception
{
    /// <summary>Says what is wrong.</summary>
    /// <param name="message">The thing in brackets, and the way out.</param>
    public LogConfigurationException(string message)
        : base(message) => HResult = 0;
}
