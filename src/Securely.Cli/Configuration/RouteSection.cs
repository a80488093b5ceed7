using System.Globalization;
using Securely.Config;
using Securely.Proxy;

namespace Securely.Cli;

/// <summary>Reads one entry of <c>routes</c>: what it matches, and what answers.</summary>
internal static class RouteSection
{
    public static RouteOptions Read(SectionReader section)
    {
        if (section.IsUnreadable)
            return new RouteOptions { Respond = new RespondOptions() };
        section.Announce("rate_limit", "compression");
        var match = section.Map("match");
        if (match is not null)
            TextList.RefuseEmpty(match, "methods", "name some, or leave the key out for all");
        return new RouteOptions
        {
            Path = match?.TextOrNull("path"),
            Methods = match is null ? [] : TextList.Read(match, "methods", _ => "GET"),
            Headers = match is null ? new Dictionary<string, string>() : new Dictionary<string, string>(match.TextMap("headers", mayBeEmpty: true)),
            Upstream = section.Has("upstream") ? section.Text("upstream", "") : null,
            GrpcWeb = section.Boolean("grpc_web", false),
            Respond = ReadRespond(section),
            Redirect = ReadRedirect(section),
            RequestHeaders = ReadEdits(section, "request_headers"),
            ResponseHeaders = ReadEdits(section, "response_headers"),
        };
    }

    // What is there and cannot be read leaves a placeholder, so that the route is not said to do nothing as well.
    private static RespondOptions? ReadRespond(SectionReader section) => section.Map("respond") is not { } respond
        ? section.Has("respond") ? new RespondOptions() : null
        : new RespondOptions(respond.Integer("status", 200), respond.Text("body", "", mayBeEmpty: true), respond.TextOrNull("content_type"));

    private static RedirectOptions? ReadRedirect(SectionReader section)
    {
        if (section.Map("redirect") is not { } redirect)
            return section.Has("redirect") ? new RedirectOptions("/", 308) : null;
        var to = redirect.Require("to") ? redirect.Text("to", "/") : "/";
        return new RedirectOptions(to, redirect.Integer("status", 308));
    }

    private static HeaderEdits? ReadEdits(SectionReader section, string key) => section.Map(key) is not { } edits
        ? null
        : new HeaderEdits
        {
            Set = edits.TextMap("set", mayBeEmpty: true),
            Remove = TextList.Read(edits, "remove", index => string.Create(CultureInfo.InvariantCulture, $"x-unreadable-{index}")),
        };
}
