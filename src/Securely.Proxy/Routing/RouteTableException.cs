namespace Securely.Proxy;

/// <summary>A configuration that cannot be served. The message has one line a problem.</summary>
/// <param name="problems">The problems in the order of the configuration; not empty.</param>
public sealed class RouteTableException(IReadOnlyList<RouteTableProblem> problems) : Exception(string.Join('\n', problems))
{
    /// <summary>All problems, in the order of the configuration.</summary>
    public IReadOnlyList<RouteTableProblem> Problems { get; } = problems;
}

/// <summary>One thing that is wrong with a configuration.</summary>
/// <param name="Path">
/// Where, in the keys of the configuration file, so that a reader can find the line: <c>sites[0].routes[2].match.path</c>,
/// <c>upstreams[1].servers[0]</c>. Steps are separated by dots; a number in brackets is a position, in <c>upstreams</c> that of the key.
/// </param>
/// <param name="Message">What, with the thing in brackets and the way out.</param>
public sealed record RouteTableProblem(string Path, string Message)
{
    /// <summary>Path and message.</summary>
    public override string ToString() => $"{Path}: {Message}";
}
