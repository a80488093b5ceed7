using System.Text;
using Securely.Http;

namespace Securely.Proxy;

/// <summary>Checks routes and prepares what they answer; used once per table.</summary>
internal sealed class RouteCompiler(List<RouteTableProblem> problems, UpstreamCompiler upstreams)
{
    private readonly HeaderCompiler _headers = new(problems);

    /// <summary>Makes a route. With problems it is incomplete, and the table is never used.</summary>
    public Route Compile(RouteOptions options, string path)
    {
        CheckAnswers(options, path);
        var responseEdits = _headers.CompileEdits(options.ResponseHeaders, $"{path}.response_headers", ofResponse: true);
        PreparedRedirect? redirect = null;
        ResponseHeader? prepared = null;
        if (options.Redirect is { } redirection)
        {
            redirect = CompileRedirect(redirection, $"{path}.redirect");
            prepared = PrepareRedirect(redirection, options.ResponseHeaders, responseEdits, path);
        }
        else if (options.Respond is { } respond)
        {
            prepared = PrepareRespond(respond, responseEdits, $"{path}.respond");
        }

        var target = options.Upstream is { } upstream ? upstreams.Find(upstream, $"{path}.upstream") : null;
        if (options.GrpcWeb)
        {
            CheckGrpcWeb(options, target, path);
        }

        return new Route(path)
        {
            Pattern = options.Path ?? "/*",
            BridgesGrpcWeb = options.GrpcWeb,
            Path = CompilePath(options.Path, $"{path}.match.path"),
            Methods = CompileMethods(options.Methods, $"{path}.match.methods"),
            Conditions = _headers.CompileConditions(options.Headers, $"{path}.match.headers"),
            Upstream = target,
            RequestEdits = _headers.CompileEdits(options.RequestHeaders, $"{path}.request_headers", ofResponse: false),
            ResponseEdits = responseEdits,
            Prepared = prepared,
            Redirect = redirect,
            Body = options.Respond is { } answer ? Encoding.UTF8.GetBytes(answer.Body) : default(ReadOnlyMemory<byte>),
        };
    }

    private void CheckAnswers(RouteOptions options, string path)
    {
        var answers = new List<string>();
        if (options.Upstream is not null)
        {
            answers.Add("[upstream]");
        }

        if (options.Respond is not null)
        {
            answers.Add("[respond]");
        }

        if (options.Redirect is not null)
        {
            answers.Add("[redirect]");
        }

        var name = options.Path ?? "*";
        if (answers.Count == 0)
        {
            Add(path, $"Route [{name}] has none of [upstream], [respond] and [redirect]; give it one of them");
        }
        else if (answers.Count > 1)
        {
            Add(path, $"Route [{name}] has {string.Join(" and ", answers)}; leave one of them");
        }

        if (options.Upstream is null && options.RequestHeaders is { } edits && edits.Set.Count + edits.Remove.Count > 0)
        {
            Add($"{path}.request_headers", $"Route [{name}] has [request_headers] but no [upstream] that would get them; remove them");
        }
    }

    private void CheckGrpcWeb(RouteOptions options, Upstream? upstream, string path)
    {
        if (options.Upstream is null)
        {
            Add($"{path}.grpc_web", $"Route [{options.Path ?? "*"}] has [grpc_web] but no [upstream] that would be called; remove it");
        }
        else if (upstream is { Options.MaySpeakHttp2: false })
        {
            Add($"{path}.grpc_web", $"Upstream [{upstream.Name}] is called with gRPC, which needs HTTP/2; write [protocol: h2c], or [h2] with [tls]");
        }
    }

    private PathPattern? CompilePath(string? text, string path)
    {
        if (text is null)
        {
            return null;
        }

        if (PathPattern.TryParse(text, out var pattern, out var problem))
        {
            return pattern;
        }

        Add(path, problem);
        return null;
    }

    private MethodSet CompileMethods(IReadOnlyList<string> methods, string path)
    {
        for (var i = 0; i < methods.Count; i++)
        {
            var method = methods[i];
            if (method == "CONNECT")
            {
                Add($"{path}[{i}]", "Method [CONNECT] has no path and reaches no route; remove it");
            }
            else if (method.Length == 0 || !method.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_'))
            {
                Add($"{path}[{i}]", $"Method [{method}] is not a method; methods are written as [GET]");
            }
            else if (method.Any(char.IsAsciiLetterLower))
            {
                Add(
                    $"{path}[{i}]",
                    $"Method [{method}] would never match, since methods are upper case; write [{method.ToUpperInvariant()}]");
            }
        }

        return MethodSet.Of(methods);
    }

    private PreparedRedirect? CompileRedirect(RedirectOptions options, string path)
    {
        if (options.Status is not (301 or 302 or 303 or 307 or 308))
        {
            Add($"{path}.status", $"Status [{options.Status}] does not redirect; write 301, 302, 303, 307 or 308");
        }

        if (PreparedRedirect.TryParse(options.To, out var redirect, out var problem))
        {
            return redirect;
        }

        Add($"{path}.to", problem);
        return null;
    }

    private ResponseHeader PrepareRedirect(RedirectOptions options, HeaderEdits? edits, PreparedEdits compiled, string path)
    {
        if (edits is not null
            && edits.Set.Select(field => field.Key).Concat(edits.Remove).Contains("location", StringComparer.OrdinalIgnoreCase))
        {
            Add($"{path}.response_headers", "Header [location] is what the redirect says; change [redirect.to] instead");
        }

        var response = new ResponseHeader(Valid(options.Status, 308));
        response.Headers.Set(HeaderName.ContentLength, "0");
        compiled.Apply(response.Headers);
        return response;
    }

    private ResponseHeader PrepareRespond(RespondOptions options, PreparedEdits edits, string path)
    {
        if (options.Status is < 200 or > 599)
        {
            Add($"{path}.status", $"Status [{options.Status}] is out of range; it is 200 to 599");
        }

        if (options.Status is 204 or 205 or 304 && options.Body.Length > 0)
        {
            Add($"{path}.body", $"Status [{options.Status}] cannot have a body; remove the body or change the status");
        }

        var response = new ResponseHeader(Valid(options.Status, 200));
        var contentType = options.ContentType ?? (options.Body.Length > 0 ? "text/plain; charset=utf-8" : null);
        if (contentType is not null && _headers.CompileValue("content-type", contentType, $"{path}.content_type") is { } value)
        {
            response.Headers.Set(HeaderName.ContentType, value);
        }

        // RFC 9110 8.6: a 204 has no length, and the one of a 304 would be that of another response.
        if (options.Status is not (204 or 304))
        {
            response.Headers.Set(HeaderName.ContentLength, Encoding.ASCII.GetBytes($"{Encoding.UTF8.GetByteCount(options.Body)}"));
        }

        edits.Apply(response.Headers);
        return response;
    }

    private static int Valid(int status, int otherwise) => status is >= 200 and <= 599 ? status : otherwise;

    private void Add(string path, string message) => problems.Add(new RouteTableProblem(path, message));
}
