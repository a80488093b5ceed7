using System.Net;
using System.Net.Sockets;
using Securely.Proxy.LoadBalancing;

namespace Securely.Network.Tests.Proxy.LoadBalancing;

public sealed class BackendTests
{
    [Theory]
    [InlineData("127.0.0.1:3000")]
    [InlineData("[::1]:3000")]
    [InlineData("unix:/run/app.sock")]
    public void Reads_and_writes_an_address(string text)
    {
        var backend = Backend.Parse(text, weight: 3);

        Assert.Equal(text, backend.ToString());
        Assert.Equal(3, backend.Weight);
        Assert.Equal(-1, backend.Index);
    }

    [Fact]
    public void Knows_the_kinds_of_addresses()
    {
        Assert.Equal(new IPEndPoint(IPAddress.Loopback, 80), Backend.Parse("127.0.0.1:80").Address);
        Assert.Equal(new IPEndPoint(IPAddress.IPv6Loopback, 80), Backend.Parse("[0:0::1]:80").Address);
        Assert.IsType<UnixDomainSocketEndPoint>(Backend.Parse("unix:/run/app.sock").Address);
    }

    [Theory]
    [InlineData("app", "Server [app] has no port; write [app:80]")]
    [InlineData("", "Server [] has no port; write [:80]")]
    [InlineData("app:", "Server [app:] has no valid port; ports are 1 to 65535")]
    [InlineData("app:0", "Server [app:0] has no valid port; ports are 1 to 65535")]
    [InlineData("app:65536", "Server [app:65536] has no valid port; ports are 1 to 65535")]
    [InlineData("app:+80", "Server [app:+80] has no valid port; ports are 1 to 65535")]
    [InlineData(":80", "Server [:80] has an invalid host name; names are letters, digits, hyphens and dots")]
    [InlineData("a..b:80", "Server [a..b:80] has an invalid host name; names are letters, digits, hyphens and dots")]
    [InlineData("a b:80", "Server [a b:80] has an invalid host name; names are letters, digits, hyphens and dots")]
    [InlineData("256.0.0.1:80", "Server [256.0.0.1:80] is not an IPv4 address with a port; write [127.0.0.1:80]")]
    [InlineData("127.1:80", "Server [127.1:80] is not an IPv4 address with a port; write [127.0.0.1:80]")]
    [InlineData("::1:80", "Server [::1:80] looks like an IPv6 address; write it in brackets, as [[::1]:3000]")]
    [InlineData("[::1]", "Server [[::1]] has no valid port; ports are 1 to 65535")]
    [InlineData("[::1]80", "Server [[::1]80] has no valid port; ports are 1 to 65535")]
    [InlineData("[127.0.0.1]:80", "Server [[127.0.0.1]:80] is not an IPv6 address in brackets with a port; write [[::1]:3000]")]
    [InlineData("[::1:80", "Server [[::1:80] is not an IPv6 address in brackets with a port; write [[::1]:3000]")]
    [InlineData("http://app:80/", "Server [http://app:80/] is a URL; write [app:80]")]
    [InlineData("unix:", "Server [unix:] has no path; write [unix:/run/app.sock]")]
    [InlineData("app.test:80", "Server [app.test:80] is a host name; give it to a HostDiscovery, which resolves it and keeps it fresh")]
    public void Refuses_what_is_no_address_and_says_why(string text, string message) =>
        Assert.Equal(message, Assert.Throws<FormatException>(() => Backend.Parse(text)).Message);

    [Fact]
    public void Refuses_a_path_that_no_socket_can_have() =>
        Assert.EndsWith(
            "has a path that is too long for a Unix socket",
            Assert.Throws<FormatException>(() => Backend.Parse("unix:/" + new string('a', 300))).Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(65_536)]
    public void Refuses_a_weight_out_of_range(int weight) =>
        Assert.Contains(
            $"Weight [{weight}] of backend [127.0.0.1:80] is out of range; it is 1 to 65535",
            Assert.Throws<ArgumentOutOfRangeException>(() => Backend.Parse("127.0.0.1:80", weight)).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Equality_is_address_and_weight_and_ignores_the_extension()
    {
        var address = new IPEndPoint(IPAddress.Loopback, 80);
        var backend = new Backend(address, 2, extension: "one");

        Assert.Equal(backend, new Backend(new IPEndPoint(IPAddress.Loopback, 80), 2, extension: "two"));
        Assert.Equal(backend.GetHashCode(), new Backend(address, 2).GetHashCode());
        Assert.NotEqual(backend, new Backend(address, 3));
        Assert.NotEqual(backend, Backend.Parse("127.0.0.1:81", 2));
        Assert.Equal(Backend.Parse("unix:/run/app.sock"), Backend.Parse("unix:/run/app.sock"));
        Assert.NotEqual(Backend.Parse("unix:/run/app.sock"), Backend.Parse("unix:/run/other.sock"));
    }
}
