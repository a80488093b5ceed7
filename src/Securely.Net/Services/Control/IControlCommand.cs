using System.Text.Json;

namespace Securely.Net;

/// <summary>Something that a running server does when it is asked over its control socket.</summary>
/// <remarks>
/// One object serves all callers, at the same time if they come at the same time, on the thread pool. It must not touch what belongs to a
/// worker: it reads what other threads may read, or posts.
/// </remarks>
public interface IControlCommand
{
    /// <summary>The name that callers ask for, such as <c>status</c> or <c>log:tail</c>.</summary>
    string Name { get; }

    /// <summary>Answers one request, at once or for as long as the caller listens.</summary>
    /// <param name="request">What the caller gave beside the name: an object, empty when it gave nothing. Valid until the enumeration ends.</param>
    /// <param name="cancellationToken">Cancelled when the caller has gone and when the server ends.</param>
    /// <returns>The answers, each at most 1 MiB of JSON; each is sent as soon as it is yielded.</returns>
    /// <exception cref="ControlCommandException">The request cannot be fulfilled; the caller is told why.</exception>
    IAsyncEnumerable<JsonElement> RunAsync(JsonElement request, CancellationToken cancellationToken);
}
