namespace Securely.Net;

/// <summary>A certificate, a key or a local authority cannot be used. The message names it in brackets and says the way out.</summary>
/// <param name="message">What is wrong and the way out.</param>
/// <param name="file">The file at fault; null when there is none.</param>
/// <param name="innerException">The cause, if there is one.</param>
public sealed class CertificateException(string message, string? file = null, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>The path of the file at fault, as it was given; null when it did not come from a file.</summary>
    public string? File { get; } = file;
}
