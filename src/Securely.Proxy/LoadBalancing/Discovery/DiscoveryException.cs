namespace Securely.Proxy.LoadBalancing;

/// <summary>Some servers could not be found. The message names each of them and why.</summary>
/// <param name="failures">One entry a server; not empty.</param>
/// <param name="cause">The first underlying error.</param>
public sealed class DiscoveryException(IReadOnlyList<DiscoveryFailure> failures, Exception? cause = null)
    : Exception(string.Join("; ", failures.Select(failure => failure.Message)), cause)
{
    /// <summary>What was not found.</summary>
    public IReadOnlyList<DiscoveryFailure> Failures { get; } = failures;
}

/// <summary>One server that could not be found.</summary>
/// <param name="Server">Its position in the list of servers that the discovery was given.</param>
/// <param name="Message">The server in brackets, and why.</param>
public sealed record DiscoveryFailure(int Server, string Message);
