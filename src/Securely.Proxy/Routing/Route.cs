using Securely.Http;

namespace Securely.Proxy;

/// <summary>
/// A compiled route: what it matches, and everything of its answer that does not depend on the request, prepared as bytes.
/// Immutable and shared by all workers.
/// </summary>
public sealed class Route
{
    internal Route(string name)
    {
        Name = name;
    }

    /// <summary>Where the route stands in the configuration, for logs: <c>sites[0].routes[2]</c>.</summary>
    public string Name { get; }

    /// <summary>The path that the route matches as it was configured, <c>/api/*</c>; <c>/*</c> for one that matches every path.</summary>
    public string Pattern { get; internal init; } = "/*";

    /// <summary>Who answers; null when the route answers by itself.</summary>
    public Upstream? Upstream { get; internal init; }

    /// <summary>The body of the route's own answer; empty for a redirection. It is not sent to HEAD.</summary>
    public ReadOnlyMemory<byte> Body { get; internal init; }

    /// <summary>Whether calls of gRPC-web become calls of gRPC.</summary>
    internal bool BridgesGrpcWeb { get; init; }

    internal PathPattern? Path { get; init; }

    internal MethodSet Methods { get; init; } = MethodSet.Any;

    internal HeaderCondition[] Conditions { get; init; } = [];

    internal PreparedEdits RequestEdits { get; init; } = PreparedEdits.None;

    internal PreparedEdits ResponseEdits { get; init; } = PreparedEdits.None;

    /// <summary>Status and fields of the route's own answer, edits included. Only copied from, never changed or handed out.</summary>
    internal ResponseHeader? Prepared { get; init; }

    internal PreparedRedirect? Redirect { get; init; }

    /// <summary>Whether <see cref="EditRequest"/> would change anything.</summary>
    public bool EditsRequest => !RequestEdits.IsEmpty;

    /// <summary>Whether <see cref="EditResponse"/> would change anything.</summary>
    public bool EditsResponse => !ResponseEdits.IsEmpty;

    /// <summary>Applies the configured edits to a request on its way to the upstream.</summary>
    /// <param name="headers">The fields of the upstream request.</param>
    public void EditRequest(HeaderMap headers) => RequestEdits.Apply(headers);

    /// <summary>Applies the configured edits to a response of the upstream. The route's own answer has them already.</summary>
    /// <param name="headers">The fields of the response.</param>
    public void EditResponse(HeaderMap headers) => ResponseEdits.Apply(headers);

    /// <summary>
    /// Makes a header this route's own answer: status, <c>Content-Length</c>, edits, and the <c>Location</c> of a redirection. The body
    /// is <see cref="Body"/>.
    /// </summary>
    /// <param name="request">The request that matched; nothing of it may have changed since.</param>
    /// <param name="matchedLength">What <see cref="RouteMatch.MatchedLength"/> said.</param>
    /// <param name="response">Is overwritten.</param>
    /// <exception cref="InvalidOperationException">The route leads to an upstream.</exception>
    public void PrepareResponse(RequestHeader request, int matchedLength, ResponseHeader response)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(response);
        if (Prepared is null)
        {
            throw new InvalidOperationException($"Route [{Name}] leads to upstream [{Upstream?.Name}] and has no answer of its own");
        }

        response.CopyFrom(Prepared);
        Redirect?.SetLocation(request.Path, request.Query, matchedLength, response.Headers);
    }

    /// <summary>How much of the path the route takes, or -1 when it does not match.</summary>
    /// <param name="request">The method and the fields.</param>
    /// <param name="path">The normalised path, or the star of <c>OPTIONS *</c>, which only a route without a path takes.</param>
    internal int Match(RequestHeader request, ReadOnlySpan<byte> path)
    {
        var length = Path is null ? 1 : Path.Match(path);
        if (length < 0 || !Methods.Contains(request.Method))
        {
            return -1;
        }

        foreach (var condition in Conditions)
        {
            if (!condition.Holds(request.Headers))
            {
                return -1;
            }
        }

        return length;
    }
}
