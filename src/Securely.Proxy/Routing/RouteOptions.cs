namespace Securely.Proxy;

/// <summary>
/// Which requests, and what to do with them. All of the conditions must hold; a route without conditions takes everything.
/// Exactly one of <see cref="Upstream"/>, <see cref="Respond"/> and <see cref="Redirect"/> is given.
/// </summary>
public sealed record RouteOptions
{
    /// <summary>
    /// <c>/health</c> matches that path only; <c>/api/*</c> matches <c>/api/</c>, everything below it, and <c>/api</c>. Null, the
    /// default, matches every path. Compared with the decoded path, without dot segments and repeated slashes; what is forwarded stays
    /// as it came. Letter case counts.
    /// </summary>
    public string? Path { get; init; }

    /// <summary>Methods, in upper case. Where GET is listed HEAD matches too. Default none, which matches every method.</summary>
    public IReadOnlyList<string> Methods { get; init; } = [];

    /// <summary>
    /// Header fields that the request must have with exactly this value; letter case counts in the value, not in the name. Default
    /// none.
    /// </summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>The name of the upstream that answers.</summary>
    public string? Upstream { get; init; }

    /// <summary>
    /// Whether browsers may call gRPC there: calls of gRPC-web become calls of gRPC. Default false; an error on a route whose upstream does not
    /// speak HTTP/2.
    /// </summary>
    public bool GrpcWeb { get; init; }

    /// <summary>A fixed answer.</summary>
    public RespondOptions? Respond { get; init; }

    /// <summary>A redirection.</summary>
    public RedirectOptions? Redirect { get; init; }

    /// <summary>
    /// Changes to the request's header on its way to the upstream. Default none; an error on a route without an upstream.
    /// </summary>
    public HeaderEdits? RequestHeaders { get; init; }

    /// <summary>Changes to the response's header on its way down, be it from an upstream or prepared here. Default none.</summary>
    public HeaderEdits? ResponseHeaders { get; init; }
}

/// <summary>A fixed answer.</summary>
/// <param name="Status">200 to 599. Default 200. 204, 205 and 304 cannot have a body.</param>
/// <param name="Body">Text, sent as UTF-8. Default empty.</param>
/// <param name="ContentType">
/// Null, the default, is <c>text/plain; charset=utf-8</c> when there is a body and no header when there is none.
/// </param>
public sealed record RespondOptions(int Status = 200, string Body = "", string? ContentType = null);

/// <summary>A redirection that keeps what the match left over of the path, and the query.</summary>
/// <param name="To">
/// What replaces the matched part: a path that begins with one slash, or a URL that begins with <c>http://</c> or <c>https://</c>.
/// With <c>/old/*</c> to <c>/new/</c>, <c>/old/a?b=1</c> leads to <c>/new/a?b=1</c>. A route without a path has matched the first slash.
/// </param>
/// <param name="Status">301, 302, 303, 307 or 308. Default 308: permanent, and the method stays.</param>
public sealed record RedirectOptions(string To, int Status = 308);

/// <summary>
/// Changes to a header: removals first, then fields that are set. Length, transfer coding and connection fields belong to the proxy.
/// </summary>
public sealed record HeaderEdits
{
    /// <summary>Fields to set; whatever the header has under these names is replaced. Default none.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Set { get; init; } = [];

    /// <summary>Names to remove. Default none.</summary>
    public IReadOnlyList<string> Remove { get; init; } = [];
}
