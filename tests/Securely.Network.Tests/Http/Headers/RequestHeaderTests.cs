using System.Text;
using Securely.Http;

namespace Securely.Network.Tests.Http.Headers;

public sealed class RequestHeaderTests
{
    [Fact]
    public void Splits_path_and_query()
    {
        var header = new RequestHeader("GET", "/a/b?c=d?e");
        Assert.Equal(KnownMethod.Get, header.MethodKind);
        Assert.Equal("/a/b", header.PathText);
        Assert.Equal("c=d?e", header.QueryText);
        Assert.Equal("/a/b?c=d?e", Encoding.ASCII.GetString(header.OriginTarget));
    }

    [Theory]
    [InlineData("GET", "http://a.test", "/", "", "/")]
    [InlineData("GET", "HTTPS://a.test", "/", "", "/")]
    [InlineData("GET", "http://a.test?x=/y", "/", "x=/y", "/?x=/y")]
    [InlineData("GET", "http://a.test/p?x", "/p", "x", "/p?x")]
    [InlineData("OPTIONS", "http://a.test", "/", "", "*")]
    public void An_absolute_target_sets_the_host_and_becomes_origin_form(
        string method, string target, string path, string query, string origin)
    {
        var header = new RequestHeader(method, target);
        Assert.Equal(path, header.PathText);
        Assert.Equal(query, header.QueryText);
        Assert.Equal(origin, Encoding.ASCII.GetString(header.OriginTarget));
        Assert.Equal("a.test", header.HostText);
        Assert.Equal("a.test", header.Headers.Get("Host"));
    }

    [Theory]
    [InlineData("GET", "")]
    [InlineData("GET", "*")]
    [InlineData("GET", "a.test:80")]
    [InlineData("GET", "/a b")]
    [InlineData("GET", "/a#b")]
    [InlineData("GET", "/ü")]
    [InlineData("GET", "http://")]
    [InlineData("GET", "http://user@a.test/")]
    [InlineData("GET", "ftp://a.test/")]
    [InlineData("CONNECT", "/")]
    [InlineData("CONNECT", "a.test")]
    public void Refuses_a_target_that_the_method_does_not_allow(string method, string target) =>
        Assert.Throws<ArgumentException>(() => new RequestHeader(method, target));

    [Fact]
    public void A_refused_target_changes_nothing()
    {
        var header = new RequestHeader("GET", "/a");
        Assert.Throws<ArgumentException>(() => header.SetTarget("b"));
        Assert.Equal("/a", header.TargetText);
    }

    [Fact]
    public void A_target_may_be_cut_from_itself()
    {
        var header = new RequestHeader("GET", "/prefix/a?b");
        header.SetTarget(header.Target[7..]);
        Assert.Equal("/a?b", header.TargetText);
    }

    [Fact]
    public void Connect_and_options_have_their_own_forms()
    {
        var connect = new RequestHeader("CONNECT", "[::1]:443");
        Assert.Equal("[::1]:443", connect.HostText);
        Assert.Equal("", connect.PathText);
        var options = new RequestHeader("OPTIONS", "*");
        Assert.Equal("*", options.PathText);
        Assert.Equal("*", Encoding.ASCII.GetString(options.OriginTarget));
    }

    [Fact]
    public void A_copy_is_independent()
    {
        var header = new RequestHeader("PURGE", "/a");
        header.Headers.Set("Host", "a.test");
        var copy = new RequestHeader("GET", "/old");
        copy.CopyFrom(header);
        header.SetTarget("/changed");
        header.SetMethod("GET");
        copy.Headers.Set("Host", "b.test");

        Assert.Equal("PURGE /a\r\nHost: b.test\r\n", copy.ToString());
        Assert.Equal("GET /changed\r\nHost: a.test\r\n", header.ToString());
    }

    [Theory]
    [InlineData("a.test", true)]
    [InlineData("a.test:80", true)]
    [InlineData("a.test:", true)]
    [InlineData("a_b.test", true)]
    [InlineData("127.0.0.1:8080", true)]
    [InlineData("[::1]", true)]
    [InlineData("[2001:db8::1]:443", true)]
    [InlineData("a%20b", true)]
    [InlineData("", false)]
    [InlineData(":80", false)]
    [InlineData("a@b", false)]
    [InlineData("a/b", false)]
    [InlineData("a b", false)]
    [InlineData("a,b c", false)]
    [InlineData("a%2", false)]
    [InlineData("a:b", false)]
    [InlineData("a:65536", false)]
    [InlineData("a:80:80", false)]
    [InlineData("[::1", false)]
    [InlineData("[]", false)]
    [InlineData("[::1]x", false)]
    [InlineData("a\\b", false)]
    [InlineData("a?b", false)]
    [InlineData("ü.test", false)]
    public void Checks_hosts(string host, bool valid) => Assert.Equal(valid, RequestTarget.IsHost(Encoding.UTF8.GetBytes(host)));
}
