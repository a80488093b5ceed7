namespace Securely.Http;

/// <summary>A message that breaks the rules of HTTP.</summary>
/// <param name="message">Which rule.</param>
public sealed class HttpProtocolException(string message) : IOException(message);
