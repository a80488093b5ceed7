namespace Securely.Encrypt;

/// <summary>A key cannot be had from where it should come. The message never repeats what was read.</summary>
/// <param name="message">What is wrong, and the way out.</param>
public sealed class KeySourceException(string message) : Exception(message);
