using Securely.Net;

namespace Securely.Http;

/// <summary>A body whose framing is wrong or that was cut.</summary>
/// <param name="statusCode">What to answer: 400 or 413 for a request, 502 for a response; 0 when the sender has gone, so that no answer reaches it.</param>
/// <param name="problem">What is wrong.</param>
/// <param name="source">Who sent the body.</param>
public sealed class HttpBodyException(int statusCode, string problem, ErrorSource source) : IOException(problem)
{
    /// <summary>What to answer; 0 when no answer makes sense.</summary>
    public int StatusCode { get; } = statusCode;

    /// <summary>Who sent the body.</summary>
    public ErrorSource Origin { get; } = source;
}
