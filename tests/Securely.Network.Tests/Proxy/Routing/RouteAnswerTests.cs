using System.Text;
using Securely.Http;
using Securely.Proxy;
using static Securely.Network.Tests.Proxy.Routing.RoutingRig;

namespace Securely.Network.Tests.Proxy.Routing;

public sealed class RouteAnswerTests
{
    [Theory]
    [InlineData("/old/*", "/new/", "/old/a?b=1", "/new/a?b=1")]
    [InlineData("/old/*", "/new/", "/old/", "/new/")]
    [InlineData("/old/*", "/new/", "/old", "/new/")]
    [InlineData("/old/*", "/new/", "/old?b", "/new/?b")]
    [InlineData("/old/*", "/new", "/old/a/b", "/new/a/b")]
    [InlineData("/old/*", "/new", "/old", "/new")]
    [InlineData("/old/*", "/", "/old/a", "/a")]
    [InlineData("/old/*", "https://new.test", "/old/a?b=1", "https://new.test/a?b=1")]
    [InlineData("/old/*", "https://new.test", "/old", "https://new.test/")]
    [InlineData("/old/*", "https://new.test/x", "/old/a", "https://new.test/x/a")]
    [InlineData("/old/*", "HTTP://new.test:8080/", "/old/a", "HTTP://new.test:8080/a")]
    [InlineData("/old/*", "/new/?from=old", "/old/a?b=1", "/new/a?from=old&b=1")]
    [InlineData("/old/*", "/new/?from=old", "/old/a", "/new/a?from=old")]
    [InlineData("/old/*", "/new/#top", "/old/a?b=1", "/new/a?b=1#top")]
    [InlineData("/old", "/new", "/old?b=1", "/new?b=1")]
    [InlineData(null, "https://www.app.test", "/a/b?c", "https://www.app.test/a/b?c")]
    [InlineData(null, "https://www.app.test/", "/", "https://www.app.test/")]
    [InlineData("/*", "/v2/", "/a", "/v2/a")]
    public async Task The_destination_replaces_what_matched_and_the_rest_and_the_query_stay(string? path, string to, string target, string location)
    {
        var table = await BuildAsync(Everywhere(new RouteOptions { Path = path, Redirect = new RedirectOptions(to) }));

        var answer = Answer(table, Request(target));

        Assert.Equal($"Content-Length: 0\r\nLocation: {location}\r\n", answer.Headers.ToString());
        Assert.Equal(308, answer.StatusCode);
    }

    [Theory]
    [InlineData("/", "/old//evil.test", "/evil.test")]
    [InlineData("/", "/old///evil.test", "/evil.test")]
    [InlineData("/", "/old/%2Fevil.test", "/evil.test")]
    [InlineData("/", "/old/.//evil.test", "/evil.test")]
    [InlineData("/", "/old/x/..//evil.test", "/evil.test")]
    [InlineData("/", "/old/\\evil.test", "/%5Cevil.test")]
    [InlineData("https://new.test", "/old/.evil.test", "https://new.test/.evil.test")]
    [InlineData("https://new.test", "/old/@evil.test", "https://new.test/@evil.test")]
    [InlineData("/new/", "/old/a/../../old/b", "/new/b")]
    [InlineData("/new/", "/%6fld/a%2Fb%20c", "/new/a%2Fb%20c")]
    [InlineData("/new/", "/old/%0d%0aSet-Cookie:x", "/new/%0d%0aSet-Cookie:x")]
    [InlineData("/new/", "/old/%2561?%zz", "/new/%2561?%zz")]
    [InlineData("/new/", "/old/<\"^`{|}>?a[]=<b>&c=\\", "/new/%3C%22%5E%60%7B%7C%7D%3E?a[]=%3Cb%3E&c=%5C")]
    public async Task A_request_chooses_neither_the_host_nor_another_field(string to, string target, string location)
    {
        var table = await BuildAsync(Everywhere(new RouteOptions { Path = "/old/*", Redirect = new RedirectOptions(to) }));

        Assert.Equal(location, Answer(table, Request(target)).Headers.Get(HeaderName.Location));
    }

    [Fact]
    public async Task A_long_rest_is_kept_whole()
    {
        var table = await BuildAsync(Everywhere(new RouteOptions { Path = "/old/*", Redirect = new RedirectOptions("/new/", 302) }));
        var rest = new string('a', 2000) + "?" + new string('|', 500);

        var answer = Answer(table, Request("/old/" + rest));

        Assert.Equal(302, answer.StatusCode);
        Assert.Equal("/new/" + rest.Replace("|", "%7C", StringComparison.Ordinal), answer.Headers.Get(HeaderName.Location));
    }

    [Fact]
    public async Task The_star_of_OPTIONS_leaves_no_rest()
    {
        var table = await BuildAsync(Everywhere(new RouteOptions { Redirect = new RedirectOptions("https://new.test") }));

        Assert.Equal("https://new.test/", Answer(table, Request("*", method: "OPTIONS")).Headers.Get(HeaderName.Location));
    }

    [Fact]
    public async Task Redirecting_allocates_nothing()
    {
        var table = await BuildAsync(Everywhere(new RouteOptions { Path = "/old/*", Redirect = new RedirectOptions("/new/") }));
        var request = Request("/old/a?b=|");
        var match = table.Find(request);
        var response = new ResponseHeader(200);
        match.Route!.PrepareResponse(request, match.MatchedLength, response);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            match.Route.PrepareResponse(request, match.MatchedLength, response);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [InlineData(200, "ok", null, "Content-Type: text/plain; charset=utf-8\r\nContent-Length: 2\r\n")]
    [InlineData(200, "größer", "text/html", "Content-Type: text/html\r\nContent-Length: 8\r\n")]
    [InlineData(503, "", null, "Content-Length: 0\r\n")]
    [InlineData(205, "", null, "Content-Length: 0\r\n")]
    [InlineData(204, "", null, "")]
    [InlineData(304, "", null, "")]
    public async Task A_fixed_answer_is_prepared_whole(int status, string body, string? contentType, string fields)
    {
        var table = await BuildAsync(Everywhere(new RouteOptions { Respond = new RespondOptions(status, body, contentType) }));

        var answer = Answer(table, Request("/"));

        Assert.Equal(status, answer.StatusCode);
        Assert.Equal(fields, answer.Headers.ToString());
        Assert.Equal(body, Encoding.UTF8.GetString(table.Find(Request("/")).Route!.Body.Span));
    }

    [Fact]
    public async Task Response_edits_are_part_of_an_own_answer()
    {
        var table = await BuildAsync(Everywhere(new RouteOptions
        {
            Respond = new RespondOptions(200, "{}"),
            ResponseHeaders = new HeaderEdits { Set = [new("content-type", "application/json"), new("X-From", "securely")] },
        }));

        Assert.Equal("Content-Type: application/json\r\nContent-Length: 2\r\nX-From: securely\r\n", Answer(table, Request("/")).Headers.ToString());
    }

    [Fact]
    public async Task Answers_do_not_share_their_fields()
    {
        var table = await BuildAsync(Everywhere(new RouteOptions { Respond = new RespondOptions(200, "ok") }));

        Answer(table, Request("/")).Headers.Clear();

        Assert.Equal(2, Answer(table, Request("/")).Headers.Count);
    }

    [Fact]
    public async Task A_route_to_an_upstream_has_no_answer_of_its_own()
    {
        var table = await BuildAsync(Everywhere(ToApp()));

        Assert.Equal(
            "Route [sites[0].routes[0]] leads to upstream [app] and has no answer of its own",
            Assert.Throws<InvalidOperationException>(() => Answer(table, Request("/"))).Message);
    }

    [Fact]
    public async Task Edits_remove_then_set()
    {
        var table = await BuildAsync(Everywhere(ToApp() with
        {
            RequestHeaders = new HeaderEdits { Set = [new("x-from", " securely "), new("Host", "app.internal")], Remove = ["X-Secret", "x-absent"] },
            ResponseHeaders = new HeaderEdits { Remove = ["server"] },
        }));
        var route = table.Find(Request("/")).Route!;
        var request = Request("/", headers: [("x-secret", "1"), ("X-From", "a"), ("x-from", "b"), ("X-SECRET", "2")]);
        var response = new ResponseHeader(200);
        response.Headers.Set(HeaderName.Server, "other");

        route.EditRequest(request.Headers);
        route.EditResponse(response.Headers);

        Assert.Equal("Host: app.internal\r\nX-From: securely\r\n", request.Headers.ToString());
        Assert.Equal(0, response.Headers.Count);
        Assert.True(route.EditsRequest);
        Assert.True(route.EditsResponse);
    }

    [Fact]
    public async Task A_route_without_edits_says_so()
    {
        var route = (await BuildAsync(Everywhere(ToApp()))).Find(Request("/")).Route!;

        Assert.False(route.EditsRequest);
        Assert.False(route.EditsResponse);
    }
}
